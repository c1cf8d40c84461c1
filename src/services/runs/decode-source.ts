import { availableParallelism } from 'node:os'
import type { DecodingOptions } from '#dataplane/decoding/decoder.ts'
import type { DecodedBatch } from '#dataplane/records/record-batch.ts'
import type { Source } from '#dataplane/sources/source.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { streamsOf } from '#language/plan/plan.ts'
import type { App } from '#language/query/app.ts'
import { decodeParts, PART_BYTES } from './parallel-decoding.ts'
import type { Platform } from './platform.ts'

/** Records in a batch: their columns stay in the processor's cache from decoder to log and queries. */
const BATCH_RECORDS = 4096
const NO_GUARD = { arrivalMs: 0, maxFutureSkewMs: null }

export interface SourceDecoding {
  readonly app: App
  readonly stream: string
  readonly platform: Platform
  /** Names of the fields that are needed; all by default. */
  readonly fieldsKept?: ReadonlySet<string>
  /** How many threads decode beside this one, where the source can be parted and is long enough; 0: this one decodes. */
  readonly threads: number
}

/**
 * How many threads decode beside this one.
 * @param wanted threads that work, this one included; as many as there are processors by default
 */
export function decodingThreads(
  wanted: number | undefined,
  thisOne: 'decodes too little to count' | 'works as they do',
): number {
  const workers = wanted ?? availableParallelism()
  if (workers === 1) return 0
  return thisOne === 'works as they do' ? workers - 1 : workers
}

/**
 * The records of a source in batches of some thousand, in their order. Each batch is valid until the next one is asked for.
 * @throws MSB_INPUT_NOT_FOUND, MSB_INPUT_UNREADABLE, MSB_INPUT_TRUNCATED
 */
export async function* decodeSource(source: Source, decoding: SourceDecoding): AsyncGenerator<DecodedBatch, void> {
  const { app, stream, platform, fieldsKept, threads } = decoding
  const options: DecodingOptions = { ...(fieldsKept && { fieldsKept }), futureRecords: 'unwatched' }
  const parts = threads > 0 ? source.parts(PART_BYTES) : null
  if (parts === null || parts.length <= threads) yield* decodeHere(source, decoding, options)
  else {
    const { schema, eventTime, timeZone } = streamsOf(app.plan).get(stream)!
    yield* decodeParts(
      source,
      parts,
      { schema, eventTime, timeZone, ...options },
      { entry: platform.decodingThread, threads },
    )
  }
}

async function* decodeHere(
  source: Source,
  { app, stream, platform }: SourceDecoding,
  options: DecodingOptions,
): AsyncGenerator<DecodedBatch, void> {
  const decoder = platform.createDecoder(app, stream, source.format, options)
  let taken = 0
  const take = (): DecodedBatch => {
    const batch = decoder.take(BATCH_RECORDS, NO_GUARD)!
    taken += batch.received
    return batch
  }
  try {
    for await (const chunk of source.chunks(() => decoder.room())) {
      decoder.write(chunk)
      while (decoder.pending >= BATCH_RECORDS) yield take()
    }
    decoder.end()
  } catch (error) {
    throw error instanceof MysimbdpError
      ? error.at({ input: source.name, 'records read': taken + decoder.pending })
      : error
  }
  while (decoder.pending > 0) yield take()
}
