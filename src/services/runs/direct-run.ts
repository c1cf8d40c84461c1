import { mkdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { DecodingOptions } from '#dataplane/decoding/decoder.ts'
import type { DecodedBatch } from '#dataplane/records/record-batch.ts'
import type { Source } from '#dataplane/sources/source.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { withFieldsRead } from '#language/plan/fields-read.ts'
import { type SourceNode, streamsOf } from '#language/plan/plan.ts'
import { type BoundedRunSpec, memoryOf, type RunReport } from './bounded-run.ts'
import { DirectInput } from './direct-input.ts'
import { decodeParts, PART_BYTES } from './parallel-decoding.ts'
import { topicOf } from './platform.ts'

/** Records in a batch: their columns stay in the processor's cache from decoder to queries. */
const BATCH_RECORDS = 4096
const NO_GUARD = { arrivalMs: 0, maxFutureSkewMs: null }

/** Current source of a stream, for progress. */
interface Reading {
  source: Source | null
}

/**
 * A run of which only the results are wanted: the queries read the decoder's batches as they come, without a log between, and no state is written. Of
 * the records only the fields that queries read are kept; all are checked. Nothing of it can be gone on with.
 */
export async function runDirectly(spec: BoundedRunSpec): Promise<RunReport> {
  const { app, platform, folder, lateness } = spec
  mkdirSync(folder, { recursive: true })
  const plan = withFieldsRead(app.plan)
  const inputs = new Map([...streamsOf(plan).values()].map((node) => [node.stream, directInput(spec, node)]))
  const job = await platform.openResultsEngine(folder).openJob({ plan, streams: inputs, lateness, ...memoryOf(spec) })
  try {
    while (await job.step());
    await job.finish()
    return {
      inputs: Object.fromEntries([...inputs].map(([stream, input]) => [stream, input.report])),
      rejections: Object.fromEntries(
        await Promise.all(
          [...inputs].map(async ([stream, input]) => [stream, await input.deadLetterCounts()] as const),
        ),
      ),
    }
  } finally {
    await job.close()
    for (const input of inputs.values()) await input.close()
  }
}

function directInput(spec: BoundedRunSpec, node: SourceNode): DirectInput {
  const { schema, eventTime, badRecords, stream } = node
  const reading: Reading = { source: null }
  return new DirectInput({
    stream,
    spec: { topic: topicOf(spec.app.plan, stream), schema, eventTime, partitions: 1 },
    badRecords,
    arrivalMs: spec.clock.nowMs(),
    batches: decodeSources(spec, node, reading),
    onBatch: ({ read: records, rejected }) => spec.onProgress?.({ stream, source: reading.source!, records, rejected }),
  })
}

/** @param read the stream with the fields that are read */
async function* decodeSources(
  spec: BoundedRunSpec,
  read: SourceNode,
  reading: Reading,
): AsyncGenerator<DecodedBatch, void> {
  const { stream } = read
  const { schema, eventTime, timeZone } = streamsOf(spec.app.plan).get(stream)!
  const fieldsKept = new Set(read.schema.fields.map(({ name }) => name))
  const options = { fieldsKept, futureRecords: 'unwatched' } as const
  const threads = spec.decodingThreads ?? availableParallelism()
  for (const source of spec.inputs.get(stream) ?? []) {
    reading.source = source
    const parts = threads > 1 ? source.parts(PART_BYTES) : null
    if (parts === null || parts.length < threads) yield* decodeHere(spec, stream, source, options)
    else {
      const decoding = { schema, eventTime, timeZone, ...options }
      yield* decodeParts(source, parts, decoding, { entry: spec.platform.decodingThread, threads })
    }
  }
}

/** In this thread. */
async function* decodeHere(
  { app, platform }: BoundedRunSpec,
  stream: string,
  source: Source,
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
