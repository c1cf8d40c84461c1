import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StreamLog } from '#dataplane/brokers/broker.ts'
import { createJsonDecoder } from '#dataplane/decoding/decoder.ts'
import { BatchReader } from '#dataplane/records/batch-reader.ts'
import { copyDecoded } from '#dataplane/records/copy-batch.ts'
import { encodeBatch } from '#dataplane/records/encode-batch.ts'
import type { DecodedBatch, Dictionary } from '#dataplane/records/record-batch.ts'
import { streamsOf } from '#language/plan/plan.ts'
import { openLogs } from '#services/runs/bounded-run.ts'
import taxi from '../examples/chicago-taxi/app.ts'
import { embeddedPlatform } from '../src/wiring.ts'

/**
 * `node bench/log-alone.ts <file.ndjson> [batch records] [batches per transaction]`: CPU us per record of each stage of the log, over decoded batches
 * that lie in memory.
 */
const [input, batchRecords = '4096', batchesPerAppend = '1'] = process.argv.slice(2)
const STREAM = 'ingestData'
/** What the four queries of the example ask for. */
const USED = ['fare', 'tips', 'trip_total', 'pickup_community_area', 'pickup_centroid_location', 'event_timestamp']
const node = streamsOf(taxi.plan).get(STREAM)!
const { schema } = node
const eventTimeIndex = schema.fields.findIndex(({ name }) => name === node.eventTime)
const used = USED.map((name) => schema.fields.findIndex((field) => field.name === name))

async function decoded(): Promise<DecodedBatch[]> {
  const decoder = createJsonDecoder(node)
  const source = await embeddedPlatform.openFile(input!)
  const batches: DecodedBatch[] = []
  const take = (least: number): void => {
    while (decoder.pending > least)
      batches.push(copyDecoded(decoder.take(Number(batchRecords), { arrivalMs: 0, maxFutureSkewMs: null })!))
  }
  for await (const chunk of source.chunks()) {
    decoder.write(chunk)
    take(Number(batchRecords))
  }
  decoder.end()
  take(0)
  return batches
}

const batches = await decoded()
const records = batches.reduce((sum, { received }) => sum + received, 0)

async function stage(name: string, passes: number, work: () => void | Promise<void>): Promise<void> {
  const times: number[] = []
  for (let pass = 0; pass < passes; pass++) {
    const before = process.cpuUsage()
    await work()
    const { user, system } = process.cpuUsage(before)
    times.push((user + system) / records)
  }
  const sorted = times.slice(1).sort((a, b) => a - b)
  console.log(
    `${name.padEnd(28)} ${sorted[sorted.length >> 1]!.toFixed(3)} us/record, first pass ${times[0]!.toFixed(3)}`,
  )
}

const dictionaries: Dictionary[] = []
const idOf = (dictionary: Dictionary): number => {
  const known = dictionaries.indexOf(dictionary)
  return known >= 0 ? known : dictionaries.push(dictionary) - 1
}
const encoded = batches.map(({ batch }) => encodeBatch(batch, idOf).slice())
console.log(
  `${records} records, ${(encoded.reduce((sum, { length }) => sum + length, 0) / records).toFixed(1)} bytes each`,
)

await stage('encode', 7, () => {
  for (const { batch } of batches) encodeBatch(batch, idOf)
})
let seen = 0
const reader = new BatchReader(schema, eventTimeIndex)
const decode = (columns: readonly number[]) => () => {
  for (const bytes of encoded) {
    const batch = reader.read(bytes, (id) => dictionaries[id]!)
    for (const index of columns) seen += batch.columns[index]!.layout.length
  }
}
await stage('decode, all columns', 7, decode([...schema.fields.keys()]))
await stage('decode, columns of queries', 7, decode(used))

const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-bench-log-'))
const broker = embeddedPlatform.openBroker(folder)
try {
  const log: StreamLog = [...(await openLogs(taxi.plan, broker)).values()][0]!
  const perAppend = Number(batchesPerAppend)
  await stage('append', 5, async () => {
    for (let i = 0; i < batches.length; i += perAppend)
      await log.appendAll(
        batches.slice(i, i + perAppend).map((one) => ({ partition: 0, decoded: one, arrivalMs: 1_713_000_000_000 })),
      )
  })
  const { end } = await log.bounds(0)
  await stage('read, columns of queries', 5, async () => {
    for (let offset = end - records; offset < end; ) {
      for (const { received, batch } of await log.read(0, offset, 32_768)) {
        for (const index of used) seen += batch.columns[index]!.layout.length
        offset += received
      }
    }
  })
} finally {
  await broker.close()
  rmSync(folder, { recursive: true, force: true })
}
console.log(`RSS at most ${Math.round(process.resourceUsage().maxRSS / 1024)} MB${seen === 0 ? '!' : ''}`)
