/** A record on its way to a platform. Its event time is written last, so that it can still be set when it is sent. */
export type FeedRecord = ReadableRecord | UnreadableRecord

/** A record that fits the schema. */
export interface ReadableRecord {
  readonly kind: 'readable'
  /** All members but the event time, each with a comma behind it: `"trip_id":"a","fare":12.50,`. */
  readonly members: string
  /** Event time by the input, epoch ms. */
  readonly eventTimeMs: number
  /** What a fault adds to the event time that is sent. */
  readonly shiftMs: number
}

/** A record that does not: it is sent as it is, so that the platform rejects it, and says why. */
export interface UnreadableRecord {
  readonly kind: 'unreadable'
  /** One line, without its end. */
  readonly bytes: Uint8Array
  /** Event time of the readable record before it, epoch ms; -Infinity where there is none: its place when sorted. */
  readonly eventTimeMs: number
}

/** Which event time records are sent with: the input's, or the moment of sending (as the reference system does). */
export type EventTimeChoice = 'column' | 'arrival'

const LINE_FEED = Uint8Array.of(10)

/** Records as NDJSON. `nowMs` is the moment of sending. */
export function encodeLines(
  records: readonly FeedRecord[],
  eventTimeField: string,
  choice: EventTimeChoice,
  nowMs: number,
): Uint8Array {
  const pieces: Uint8Array[] = []
  const name = JSON.stringify(eventTimeField)
  let text = ''
  for (const record of records) {
    if (record.kind === 'readable') {
      const eventTimeMs = (choice === 'arrival' ? nowMs : record.eventTimeMs) + record.shiftMs
      text += `{${record.members}${name}:${eventTimeMs}}\n`
    } else {
      pieces.push(Buffer.from(text), record.bytes, LINE_FEED)
      text = ''
    }
  }
  return pieces.length === 0 ? Buffer.from(text) : Buffer.concat([...pieces, Buffer.from(text)])
}
