import { setTimeout as delay } from 'node:timers/promises'
import { Producer } from '@platformatic/kafka'
import { machineMs } from '../../measuring/machine-clock.ts'
import { denseTrips } from '../../workload/dense-trips.ts'
import { paceOf, type Sent } from '../sender.ts'

/**
 * Sends trips to a topic at a fixed schedule, past the platform: `node bench/cluster/jobs/send-paced.ts <bootstrap server> <topic> <records/s> <seconds>`. It
 * sends those that are due (`paceOf`) with the moment they are due as event time, whatever kept it from sending before, and prints a `Sent` as JSON.
 */
const [bootstrapServer, topic, rateText, secondsText] = process.argv.slice(2) as [string, string, string, string]
const [recordsPerSecond, seconds] = [Number(rateText), Number(secondsText)]

const REQUESTS_AT_ONCE = 8
/** Made before, and sent again and again with other event times. */
const POOL_RECORDS = 20_000
const EVENT_TIME = '"event_timestamp":'

/** Lines up to the event time, which each ends with. */
const heads = [...denseTrips({ records: POOL_RECORDS, seed: 1, disordered: false })].map((line) =>
  line.slice(0, line.lastIndexOf(EVENT_TIME) + EVENT_TIME.length),
)

const producer = new Producer<Buffer, Buffer, Buffer, Buffer>({
  clientId: 'bench-paced',
  bootstrapBrokers: [bootstrapServer],
  acks: -1,
  maxInflights: REQUESTS_AT_ONCE,
})
await producer.metadata({ topics: [topic] })

const { recordsInRequest, everyMs } = paceOf(recordsPerSecond)
const requests: Promise<unknown>[] = []
const startedMs = machineMs() + everyMs
const startedEpochMs = performance.timeOrigin + performance.now() + everyMs
let records = 0
for (let request = 0; request < (seconds * 1000) / everyMs; request++) {
  const dueMs = startedMs + request * everyMs
  const eventTime = Math.floor(startedEpochMs + request * everyMs)
  const messages = Array.from({ length: recordsInRequest }, () => ({
    topic,
    partition: 0,
    value: Buffer.from(`${heads[records++ % POOL_RECORDS]}${eventTime}}`),
  }))
  const waitMs = dueMs - machineMs()
  if (waitMs > 0) await delay(waitMs)
  requests.push(producer.send({ messages }))
}
await Promise.all(requests)
const sent: Sent = { records, startedMs, endedMs: machineMs() }
await producer.close()
console.log(JSON.stringify(sent))
