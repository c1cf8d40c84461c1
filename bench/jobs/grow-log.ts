import { createReadStream } from 'node:fs'
import type { StreamLog } from '#dataplane/brokers/broker.ts'
import { createJsonDecoder } from '#dataplane/decoding/decoder.ts'
import { copyDecoded } from '#dataplane/records/copy-batch.ts'
import type { DecodedBatch } from '#dataplane/records/record-batch.ts'
import { folderBytes } from '#foundation/size/folder-size.ts'
import { systemClock } from '#foundation/time/clock.ts'
import { streamsOf } from '#language/plan/plan.ts'
import { openLogs } from '#services/runs/bounded-run.ts'
import { embeddedPlatform } from '../../src/wiring.ts'
import { measuredQueries, STREAM, tripApp } from '../workload/trip-apps.ts'

/**
 * Fills the log of an app on which no platform runs, until it takes so many bytes: `node bench/jobs/grow-log.ts <app> <app folder> <bytes> <file>`. The file's trips
 * come again and again, each time later, as a stream would bring them. Prints how many records the log has got.
 */
const [name, folder, bytes, file] = process.argv.slice(2) as [string, string, string, string]

const BATCH_RECORDS = 4096
const { plan } = tripApp(name, measuredQueries.four)

async function decodeAll(): Promise<readonly DecodedBatch[]> {
  const decoder = createJsonDecoder(streamsOf(plan).get(STREAM)!)
  const batches: DecodedBatch[] = []
  const takeAbove = (least: number): void => {
    while (decoder.pending > least)
      batches.push(copyDecoded(decoder.take(BATCH_RECORDS, { arrivalMs: 0, maxFutureSkewMs: null })!))
  }
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    decoder.write(chunk)
    takeAbove(BATCH_RECORDS)
  }
  decoder.end()
  takeAbove(0)
  return batches
}

/** Moves the event times of a batch, in place. */
function shift({ batch }: DecodedBatch, byMs: number): void {
  const at = batch.schema.fields.findIndex(({ name }) => name === 'event_timestamp')
  const column = batch.columns[at]!
  if (column.layout !== 'float64') throw new Error('event times are not in the layout of timestamps')
  for (const values of new Set([batch.eventTimes, column.values]))
    for (let row = 0; row < batch.rows; row++) values[row]! += byMs
}

async function append(log: StreamLog, batches: readonly DecodedBatch[]): Promise<number> {
  let records = 0
  for (const decoded of batches) {
    await log.append({ partition: 0, decoded, arrivalMs: systemClock.nowMs() })
    records += decoded.received
  }
  return records
}

const batches = await decodeAll()
const times = batches.flatMap(({ batch }) => [batch.eventTimes[0]!, batch.eventTimes[batch.rows - 1]!])
const spanMs = Math.max(...times) - Math.min(...times)
const broker = embeddedPlatform.openBroker(folder)
const log = (await openLogs(plan, broker)).get(STREAM)!
let records = 0
while (folderBytes(folder) < Number(bytes)) {
  records += await append(log, batches)
  for (const batch of batches) shift(batch, spanMs)
}
await broker.close()
console.log(records)
