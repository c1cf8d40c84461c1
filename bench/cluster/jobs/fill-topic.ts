import { createReadStream } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { Producer } from '@platformatic/kafka'
import { machineMs } from '../../measuring/machine-clock.ts'
import { partitionOf } from '../../workload/partitions.ts'
import type { Sent } from '../sender.ts'

/**
 * Sends the lines of a file to a topic as any producer might, uncompressed, without keys, acknowledged by all replicas, past the platform:
 * `node bench/cluster/jobs/fill-topic.ts <bootstrap server> <topic> <file> <partitions> [<records/s>]`; as fast as the broker takes them where no rate is given.
 * It prints a `Sent` as JSON.
 */
const [bootstrapServer, topic, file, partitionsText, rateText] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string | undefined,
]
const partitions = Number(partitionsText)

const REQUEST_RECORDS = 500
/** Requests that are answered do not keep the next ones waiting; one connection keeps their order. */
const REQUESTS_AT_ONCE = 4
const LINE_FEED = 10

/** Lines of the file, whole runs of records at once. */
async function* lines(): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const piece of createReadStream(file, { highWaterMark: 2 ** 20 }) as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece])
    let start = 0
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
      yield bytes.subarray(start, end)
      start = end + 1
    }
    rest = bytes.subarray(start)
  }
}

const producer = new Producer<Buffer, Buffer, Buffer, Buffer>({
  clientId: 'bench-fill',
  bootstrapBrokers: [bootstrapServer],
  acks: -1,
  maxInflights: REQUESTS_AT_ONCE,
})

interface Message {
  readonly topic: string
  readonly partition: number
  readonly value: Buffer
}

const requests = new Set<Promise<unknown>>()

async function send(messages: readonly Message[]): Promise<void> {
  if (requests.size >= REQUESTS_AT_ONCE) await Promise.race(requests)
  const request = producer.send({ messages: [...messages] }).finally(() => requests.delete(request))
  requests.add(request)
}

async function sendAll(): Promise<number> {
  let [records, messages]: [number, Message[]] = [0, []]
  for await (const value of lines()) {
    messages.push({ topic, partition: partitionOf(records++, partitions), value })
    if (messages.length < REQUEST_RECORDS) continue
    await send(messages)
    messages = []
  }
  if (messages.length > 0) await send(messages)
  await Promise.all(requests)
  return records
}

/** Each record by itself when it is due, as a meter or a car sends. */
async function sendAtRate(recordsPerSecond: number): Promise<number> {
  const startMs = machineMs()
  let records = 0
  for await (const value of lines()) {
    const waitMs = startMs + (records * 1000) / recordsPerSecond - machineMs()
    if (waitMs > 0) await delay(waitMs)
    requests.add(producer.send({ messages: [{ topic, partition: records % partitions, value }] }))
    records++
  }
  await Promise.all(requests)
  return records
}

await producer.metadata({ topics: [topic] })
const startedMs = machineMs()
const records = rateText === undefined ? await sendAll() : await sendAtRate(Number(rateText))
const sent: Sent = { records, startedMs, endedMs: machineMs() }
await producer.close()
console.log(JSON.stringify(sent))
