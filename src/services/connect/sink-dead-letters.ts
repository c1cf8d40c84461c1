/** A record as a reader of topics gives it; header values are bytes. */
export interface TopicRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestampMs: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: ReadonlyMap<string, Uint8Array>
}

/** A row of results that the store did not take, as JSON. */
export interface SinkDeadLetter {
  readonly query: string
  /** In the dead-letter topic. */
  readonly partition: number
  readonly offset: number
  /** ISO 8601: when Connect gave it up. */
  readonly at: string
  readonly connector: string
  /** Where it stands on the result topic; null where Connect did not say. */
  readonly source: { readonly topic: string; readonly partition: number; readonly offset: number } | null
  /** What failed: `VALUE_CONVERTER`, `TRANSFORMATION`, `TASK_PUT`, … */
  readonly stage: string
  readonly reason: string
  readonly key: string | null
  /** As it stands on the topic; null for a tombstone. */
  readonly row: string | null
}

const text = (bytes: Uint8Array | null | undefined): string | null =>
  bytes === null || bytes === undefined ? null : Buffer.from(bytes).toString('utf8')

/** Reads what Connect wrote into the headers of a dead letter. */
export function sinkDeadLetter(query: string, record: TopicRecord): SinkDeadLetter {
  const header = (name: string): string | null => text(record.headers.get(`__connect.errors.${name}`))
  const [topic, partition, offset] = [header('topic'), header('partition'), header('offset')]
  return {
    query,
    partition: record.partition,
    offset: record.offset,
    at: new Date(record.timestampMs).toISOString(),
    connector: header('connector.name') ?? '',
    source:
      topic === null || partition === null || offset === null
        ? null
        : { topic, partition: Number(partition), offset: Number(offset) },
    stage: header('stage') ?? '',
    reason: header('exception.message') ?? header('exception.class.name') ?? '',
    key: text(record.key),
    row: text(record.value),
  }
}
