import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { sameType, typeName } from '#language/schemas/field-types.ts'
import type { Field, Schema } from '#language/schemas/schema.ts'
import type { StreamSpec } from '../broker.ts'
import type { SegmentMeta } from './segment-meta.ts'

/** @throws MSB_RUN_FOLDER_IN_USE naming the first difference between what the log was created for and what it is opened for */
export function assertSameStream(stored: SegmentMeta, spec: StreamSpec, partition: number): void {
  const difference =
    valueDifference('topic', stored.topic, spec.topic) ??
    valueDifference('partition', stored.partition, partition) ??
    valueDifference('event-time field', stored.eventTime, spec.eventTime) ??
    schemaDifference(stored.schema, spec.schema)
  if (difference === undefined) return
  throw new MysimbdpError(
    'MSB_RUN_FOLDER_IN_USE',
    `the log of '${spec.topic}' was created for another stream: ${difference}`,
    {
      hint: 'Use another folder with --data, or run the version of the app that began this one.',
    },
  )
}

function schemaDifference(stored: Schema, given: Schema): string | undefined {
  const count = Math.max(stored.fields.length, given.fields.length)
  for (let index = 0; index < count; index++) {
    const difference = fieldDifference(stored.fields[index], given.fields[index])
    if (difference !== undefined) return difference
  }
  return valueDifference('name of the schema', stored.name, given.name)
}

function fieldDifference(stored: Field | undefined, given: Field | undefined): string | undefined {
  if (stored === undefined) return `field '${given?.name}' is new`
  if (given === undefined) return `field '${stored.name}' is gone`
  if (stored.name !== given.name) return `its schema has field '${stored.name}' where this one has '${given.name}'`
  const nullable = (field: Field) => (field.nullable ? ' or null' : '')
  const same = sameType(stored.type, given.type) && stored.nullable === given.nullable
  return same
    ? undefined
    : `field '${stored.name}' is ${typeName(stored.type)}${nullable(stored)} there, and ${typeName(given.type)}${nullable(given)} here`
}

function valueDifference(what: string, stored: string | number, given: string | number): string | undefined {
  return stored === given ? undefined : `its ${what} is '${stored}', not '${given}'`
}
