import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { schemaDifference } from '#language/schemas/schema-difference.ts'
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

function valueDifference(what: string, stored: string | number, given: string | number): string | undefined {
  return stored === given ? undefined : `its ${what} is '${stored}', not '${given}'`
}
