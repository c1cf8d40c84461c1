import { mkdirSync } from 'node:fs'
import type { DecodedBatch } from '#dataplane/records/record-batch.ts'
import type { Source } from '#dataplane/sources/source.ts'
import { withFieldsRead } from '#language/plan/fields-read.ts'
import { type SourceNode, streamsOf } from '#language/plan/plan.ts'
import { type BoundedRunSpec, memoryOf, type RunReport } from './bounded-run.ts'
import { decodeSource, decodingThreads } from './decode-source.ts'
import { DirectInput } from './direct-input.ts'
import { topicOf } from './platform.ts'

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
  const { app, platform } = spec
  const { stream } = read
  const fieldsKept = new Set(read.schema.fields.map(({ name }) => name))
  const threads = decodingThreads(spec.workingThreads, 'decodes too little to count')
  for (const source of spec.inputs.get(stream) ?? []) {
    reading.source = source
    yield* decodeSource(source, { app, stream, platform, fieldsKept, threads })
  }
}
