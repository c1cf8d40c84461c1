import type { Database } from '#foundation/sqlite/database.ts'
import { createSchema, type Schema } from '#language/schemas/schema.ts'
import { logDamaged } from './log-damage.ts'
import { SEGMENT_FORMAT } from './segment-tables.ts'

/** What a segment says about itself. */
export interface SegmentMeta {
  readonly topic: string
  readonly partition: number
  readonly firstOffset: number
  readonly schema: Schema
  readonly eventTime: string
  readonly maxEventTimeBefore: number
}

interface MetaRow {
  readonly format_version: number
  readonly topic: string
  readonly partition: number
  readonly first_offset: number
  readonly schema: string
  readonly event_time: string
  readonly max_event_time_before: number
}

/** @throws MSB_LOG_DAMAGED when it is no segment that begins at this offset, or one of another format */
export function readMeta(database: Database, firstOffset: number): SegmentMeta {
  const row = database.prepare<MetaRow>('SELECT * FROM meta').get()
  if (row === undefined || row.first_offset !== firstOffset)
    throw logDamaged(database.path, firstOffset, 'what the file says about itself is not what its name says')
  const { format_version: format } = row
  if (format !== SEGMENT_FORMAT) {
    const problem = `it is written in format ${format}, and this version of mysimbdp reads format ${SEGMENT_FORMAT} alone`
    throw logDamaged(database.path, firstOffset, problem)
  }
  return {
    topic: row.topic,
    partition: row.partition,
    firstOffset: row.first_offset,
    schema: readSchema(database, firstOffset, row.schema),
    eventTime: row.event_time,
    maxEventTimeBefore: row.max_event_time_before,
  }
}

function readSchema(database: Database, firstOffset: number, json: string): Schema {
  try {
    const { name, fields } = JSON.parse(json) as Schema
    return createSchema(name, fields)
  } catch (error) {
    throw logDamaged(database.path, firstOffset, 'the schema in the file cannot be read', error)
  }
}
