/** A schema that records on a topic name by its id. */
export interface WriterSchema {
  readonly id: number
  /** JSON of the Avro schema. */
  readonly schema: string
}

/** What is known of those who write Avro to a topic. */
export interface RecordWriters {
  readonly known: readonly WriterSchema[]
  /** Ids that no schema has. */
  readonly unknown: readonly number[]
  /** Whether a query ends at an id that is in neither list, so that it is looked for; else such an id counts as unknown. */
  readonly asks: boolean
}

/** Of a topic on which no Avro was met. */
export const NO_WRITERS: RecordWriters = { known: [], unknown: [], asks: true }

/** In the error of a query that has met an id it knows nothing of. */
const ASKED = 'MSB_SPARK_SCHEMA_ASKED: id '

/** SQL that ends a query which has met an id. */
export const askFor = (id: string): string => `raise_error(concat('${ASKED}', ${id}))`

/** The id that a query has ended for; null where it was something else. */
export function askedId(message: string): number | null {
  const [, id] = new RegExp(`${ASKED}([0-9]+)`).exec(message) ?? []
  return id === undefined ? null : Number(id)
}
