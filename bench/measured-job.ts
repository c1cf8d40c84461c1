import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createJsonDecoder } from '#dataplane/decoding/decoder.ts'
import { compileQuery } from '#dataplane/engines/embedded/compile/compile-query.ts'
import { BatchSharing } from '#dataplane/engines/embedded/sharing/batch-sharing.ts'
import type { LoggedBatch } from '#dataplane/records/record-batch.ts'
import type { Source } from '#dataplane/sources/source.ts'
import { systemClock } from '#foundation/time/clock.ts'
import { runBounded, streamsOf } from '#services/runs/bounded-run.ts'
import taxi from '../examples/chicago-taxi/app.ts'
import { embeddedPlatform } from '../src/wiring.ts'

/** One measured job in a process of its own, so that CPU time and memory are its alone. Prints a JSON line. */
const [kind, input] = process.argv.slice(2) as ['full-path' | 'in-memory', string]
const STREAM = 'ingestData'
const BATCH_RECORDS = 4096

async function fullPath(source: Source): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-bench-'))
  try {
    const report = await runBounded({
      app: taxi,
      inputs: new Map([[STREAM, [source]]]),
      lateness: 'as-stream',
      folder,
      kept: false,
      platform: embeddedPlatform,
      clock: systemClock,
    })
    return report.inputs[STREAM]!.read
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Decoding and the four queries, without log, state file or results on disk. */
async function inMemory(source: Source): Promise<number> {
  const node = streamsOf(taxi.plan).get(STREAM)!
  const decoder = createJsonDecoder(node)
  const sharing = new BatchSharing()
  const operators = taxi.plan.queries.map((query) =>
    compileQuery(query, taxi.plan.timeZone, { keepAllRows: true, boundMs: Number.NEGATIVE_INFINITY }, sharing),
  )
  let [read, maxEventTimeBefore] = [0, Number.NEGATIVE_INFINITY]
  const processPending = (least: number): void => {
    while (decoder.pending > least) {
      const { received, batch } = decoder.take(BATCH_RECORDS, { arrivalMs: 0, maxFutureSkewMs: null })!
      const logged = loggedBatch(batch, received, read, maxEventTimeBefore)
      read += received
      maxEventTimeBefore = Math.max(maxEventTimeBefore, logged.maxEventTime)
      for (const operator of operators) operator.process(logged, node.watermarkDelayMs!)
      for (const operator of operators) {
        const { rows, takeState } = operator.takeChanges(maxEventTimeBefore - node.watermarkDelayMs!)
        for (const _row of rows);
        takeState()
      }
    }
  }
  for await (const chunk of source.chunks()) {
    decoder.write(chunk)
    processPending(BATCH_RECORDS)
  }
  decoder.end()
  processPending(0)
  return read
}

function loggedBatch(
  batch: LoggedBatch['batch'],
  received: number,
  baseOffset: number,
  maxEventTimeBefore: number,
): LoggedBatch {
  let [minEventTime, maxEventTime] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const eventTime of batch.eventTimes) {
    minEventTime = Math.min(minEventTime, eventTime)
    maxEventTime = Math.max(maxEventTime, eventTime)
  }
  return { partition: 0, baseOffset, received, arrivalMs: 0, maxEventTimeBefore, minEventTime, maxEventTime, batch }
}

const source = await embeddedPlatform.openFile(input)
const startedMs = systemClock.monotonicMs()
const cpuBefore = process.cpuUsage()
const records = await { 'full-path': fullPath, 'in-memory': inMemory }[kind](source)
const { user, system } = process.cpuUsage(cpuBefore)
console.log(
  JSON.stringify({
    records,
    seconds: (systemClock.monotonicMs() - startedMs) / 1000,
    cpuSeconds: (user + system) / 1e6,
    rssMegabytes: process.resourceUsage().maxRSS / 1024,
  }),
)
