import type { Decoder } from '#dataplane/decoding/decoder.ts'
import type { DecodedBatch, RejectedRecord } from '#dataplane/records/record-batch.ts'
import type { Source } from '#dataplane/sources/source.ts'
import type { FeedRecord } from './feed-record.ts'
import { memberTexts } from './member-texts.ts'

/** Records in a batch of the feed at most. */
const BATCH_RECORDS = 1024
const [LINE_FEED, CARRIAGE_RETURN, SPACE] = [10, 13, 32]
const FIRST_BYTE_OF_BYTE_ORDER_MARK = 0xef

export interface FeedInput {
  readonly sources: readonly Source[]
  readonly decoderOf: (source: Source) => Decoder
  readonly eventTime: string
  /** Leave out records in which any field is null, as the reference system's cleansing does. */
  readonly dropIncomplete: boolean
}

/** A piece of the feed, and how many records of the input it leaves out. */
export interface FeedBatch {
  readonly records: readonly FeedRecord[]
  readonly leftOut: number
}

/** The records of the sources, one source after the other, in the order in which they stand there. */
export async function* readFeed({ sources, decoderOf, ...options }: FeedInput): AsyncIterable<FeedBatch> {
  let lastEventTimeMs = Number.NEGATIVE_INFINITY
  const take = (decoder: Decoder): FeedBatch => {
    const decoded = decoder.take(BATCH_RECORDS, { arrivalMs: 0, maxFutureSkewMs: null })!
    const batch = feedBatch(decoded, { ...options, lastEventTimeMs })
    lastEventTimeMs = batch.records.at(-1)?.eventTimeMs ?? lastEventTimeMs
    return batch
  }
  for (const source of sources) {
    const decoder = decoderOf(source)
    for await (const chunk of source.chunks()) {
      decoder.write(chunk)
      while (decoder.pending >= BATCH_RECORDS) yield take(decoder)
    }
    decoder.end()
    while (decoder.pending > 0) yield take(decoder)
  }
}

function feedBatch(
  { batch, rejected, received }: DecodedBatch,
  options: Pick<FeedInput, 'eventTime' | 'dropIncomplete'> & { readonly lastEventTimeMs: number },
): FeedBatch {
  const texts = memberTexts(batch, options.eventTime)
  const records: FeedRecord[] = []
  let eventTimeMs = options.lastEventTimeMs
  for (let position = 0, row = 0, fault = 0; position < received; position++) {
    if (rejected[fault]?.position === position) {
      records.push({ kind: 'unreadable', bytes: asOneLine(rejected[fault++]!), eventTimeMs })
      continue
    }
    eventTimeMs = batch.eventTimes[row]!
    if (!(options.dropIncomplete && texts.hasNull(row)))
      records.push({ kind: 'readable', members: texts.of(row), eventTimeMs, shiftMs: 0 })
    row++
  }
  return { records, leftOut: received - records.length }
}

/**
 * A CSV row may span lines, and a line of NDJSON must not; a byte order mark would be skipped at the beginning of a request. Neither may
 * change how many records arrive.
 */
function asOneLine({ raw }: RejectedRecord): Uint8Array {
  const line = raw.map((byte) => (byte === LINE_FEED || byte === CARRIAGE_RETURN ? SPACE : byte))
  return line[0] === FIRST_BYTE_OF_BYTE_ORDER_MARK ? Buffer.concat([Uint8Array.of(SPACE), line]) : line
}
