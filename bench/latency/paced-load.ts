import { Agent, type IncomingMessage, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { denseTrips } from '../workload/dense-trips.ts'

export interface PacedLoadOptions {
  /** Where records are posted. */
  readonly url: string
  readonly recordsPerSecond: number
  readonly seconds: number
}

/** A body of records that were all due at one moment. */
export interface SentBody {
  readonly records: number
  /** ms of the monotonic clock; the schedule's, whatever kept the sender from keeping it. */
  readonly dueMs: number
  /** When it was answered: its records are in the log, synced. */
  answeredMs: number
}

const BODIES_PER_SECOND = 200
/** Requests that wait for their answers do not keep others from being sent. */
const CONNECTIONS = 32
/** Bodies that are made before, and sent again and again with other event times. */
const POOL_RECORDS = 20_000
const EVENT_TIME_DIGITS = 13
const LINE_FEED = 10

/** Sends trips over HTTP at a fixed schedule, a body every 5 ms, with the moment they are due as event time. */
export async function sendPaced({ url, recordsPerSecond, seconds }: PacedLoadOptions): Promise<readonly SentBody[]> {
  const records = Math.max(1, Math.round(recordsPerSecond / BODIES_PER_SECOND))
  const everyMs = (records * 1000) / recordsPerSecond
  const bodies = bodiesOf(records)
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const sent: SentBody[] = []
  const answers: Promise<void>[] = []
  const startMs = performance.now() + everyMs
  for (let i = 0; i < (seconds * 1000) / everyMs; i++) {
    const dueMs = startMs + i * everyMs
    const body = bodies[i % bodies.length]!
    stampEventTimes(body, Math.floor(performance.timeOrigin + dueMs))
    const waitMs = dueMs - performance.now()
    if (waitMs > 0) await delay(waitMs)
    const one: SentBody = { records, dueMs, answeredMs: Number.NaN }
    sent.push(one)
    answers.push(
      post(url, body.bytes, records, agent).then(() => {
        one.answeredMs = performance.now()
      }),
    )
  }
  await Promise.all(answers)
  agent.destroy()
  return sent
}

interface Body {
  readonly bytes: Buffer
  /** Where the digits of each record's event time begin. */
  readonly eventTimes: readonly number[]
}

function bodiesOf(records: number): readonly Body[] {
  const count = Math.max(Math.floor(POOL_RECORDS / records), CONNECTIONS * 2)
  const lines = denseTrips({ records: count * records, seed: 1, disordered: false })
  return Array.from({ length: count }, () => {
    const texts = Array.from({ length: records }, () => `${lines.next().value as string}\n`)
    const bytes = Buffer.from(texts.join(''))
    const eventTimes: number[] = []
    // `…:1713070500000}` is how each line ends.
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, end + 1))
      eventTimes.push(end - 1 - EVENT_TIME_DIGITS)
    return { bytes, eventTimes }
  })
}

function stampEventTimes({ bytes, eventTimes }: Body, ms: number): void {
  const digits = Buffer.from(String(ms))
  for (const at of eventTimes) bytes.set(digits, at)
}

function post(url: string, body: Buffer, records: number, agent: Agent): Promise<void> {
  const headers = { 'content-type': 'application/x-ndjson', 'content-length': body.length }
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: 'POST', headers, agent }, (response) => {
      textOf(response).then((text) => {
        if ((JSON.parse(text) as { accepted?: number }).accepted === records) resolve()
        else reject(new Error(`a body of ${records} records was answered: ${text}`))
      }, reject)
    })
    sending.on('error', reject)
    sending.end(body)
  })
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = ''
  response.setEncoding('utf8')
  for await (const piece of response) text += piece
  return text
}
