import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { tripSchema } from '../examples/chicago-taxi/trip-schema.ts'
import { embeddedPlatform } from '../src/wiring.ts'
import { CountFollower, percentile } from '../test/support/count-follower.ts'
import { PlatformProcess, ProductProcess } from '../test/support/platform-process.ts'

/**
 * `npm run bench:live [-- --quick] [--json <file>]`: the two load scenarios of the reference system against a platform process of its own: ten trips
 * a second, and as fast as possible. What was sent, accepted and processed, and how long a record takes from its arrival to a result that
 * counts it. Wall figures: they hold on an idle machine.
 */
const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } } })

const EXAMPLE = 'examples/chicago-taxi'
const APP = 'tenantstreamapp'
const SLOW_RATE = 10
const SLOW_SECONDS = values.quick ? 10 : 60
const FAST_TRIPS = values.quick ? 20_000 : 150_000

interface Measured {
  readonly scenario: string
  readonly sent: number
  readonly accepted: number
  readonly sentPerSecond: number
  readonly acceptedPerSecond: number
  readonly processedPerSecond: number
  /** ms from the log's time of arrival to the moment in which a follower saw the record counted. */
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number }
}

interface Sent {
  readonly sent: number
  readonly accepted: number
  readonly startedMs: number
  readonly endedMs: number
}

const nowMs = (): number => performance.timeOrigin + performance.now()

async function measure(scenario: string, send: (platform: PlatformProcess) => Promise<Sent>): Promise<Measured> {
  const data = mkdtempSync(join(tmpdir(), 'mysimbdp-bench-live-'))
  const platform = await PlatformProcess.start(data, [EXAMPLE])
  try {
    const follower = await CountFollower.open(`${platform.url}/v1/apps/${APP}/queries/tripsTotal/live`, 'trips_total')
    const { sent, accepted, startedMs, endedMs } = await send(platform)
    await follower.reached(accepted)
    const processedMs = performance.timeOrigin + follower.seenAtMs(accepted)
    const latencies = (await arrivals(data)).map(
      (arrivalMs, i) => performance.timeOrigin + follower.seenAtMs(i + 1) - arrivalMs,
    )
    latencies.sort((a, b) => a - b)
    follower.close()
    const perSecond = (count: number, untilMs: number): number => (count / (untilMs - startedMs)) * 1000
    return {
      scenario,
      sent,
      accepted,
      sentPerSecond: perSecond(sent, endedMs),
      acceptedPerSecond: perSecond(accepted, endedMs),
      processedPerSecond: perSecond(accepted, processedMs),
      latencyMs: { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99), max: latencies.at(-1)! },
    }
  } finally {
    await platform.kill('SIGTERM')
    rmSync(data, { recursive: true, force: true })
  }
}

/** When the log took each accepted record, epoch ms, in the order of the log. */
async function arrivals(data: string): Promise<readonly number[]> {
  const [reader] = await embeddedPlatform.openLogReaders(join(data, 'apps', APP))
  const found: number[] = []
  for (let offset = 0; ; ) {
    const batches = await reader!.read(0, offset, 100_000)
    if (batches.length === 0) break
    for (const { received, arrivalMs, batch } of batches) {
      for (let row = 0; row < batch.rows; row++) found.push(arrivalMs)
      offset += received
    }
  }
  await reader!.close()
  return found
}

const nulls = Object.fromEntries(tripSchema.fields.map(({ name }) => [name, null]))

/** Scenario 1: single trips at a steady rate, each a request of its own, with the moment of sending as event time. */
async function tenASecond({ url }: PlatformProcess): Promise<Sent> {
  const count = SLOW_RATE * SLOW_SECONDS
  const startedMs = nowMs()
  let accepted = 0
  const answers: Promise<void>[] = []
  for (let i = 0; i < count; i++) {
    await delay(Math.max(0, startedMs + (i * 1000) / SLOW_RATE - nowMs()))
    const trip = { ...nulls, trip_id: `trip-${i}`, fare: 12.5, tips: 2, trip_total: 14.5, event_timestamp: Date.now() }
    const request = {
      method: 'POST',
      body: `${JSON.stringify(trip)}\n`,
      headers: { 'content-type': 'application/x-ndjson' },
    }
    answers.push(
      fetch(`${url}/v1/apps/${APP}/streams/ingestData/records`, request)
        .then((response) => response.json() as Promise<{ accepted: number }>)
        .then((answer) => void (accepted += answer.accepted)),
    )
  }
  await Promise.all(answers)
  return { sent: count, accepted, startedMs, endedMs: nowMs() }
}

/** Scenario 2: a generated day, from a file as exports are, as fast as the platform takes it. */
function asFastAsPossible(file: string) {
  return async ({ url }: PlatformProcess): Promise<Sent> => {
    const emulator = new ProductProcess([
      'emulate',
      EXAMPLE,
      '--input',
      file,
      '--no-sort',
      '--rate',
      'max',
      '--url',
      url,
      '--json',
    ])
    const code = await emulator.ended()
    const endedMs = nowMs()
    if (code !== 0) throw new Error(emulator.said)
    const summary = JSON.parse(/^\{.*\}$/m.exec(emulator.said)![0]) as {
      sent: number
      accepted: number
      seconds: number
    }
    return { sent: summary.sent, accepted: summary.accepted, startedMs: endedMs - summary.seconds * 1000, endedMs }
  }
}

function report(measured: readonly Measured[]): void {
  const [load] = loadavg()
  console.log(
    `${cpus().length} x ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, load ${load!.toFixed(1)}\n`,
  )
  const head = ['scenario', 'sent', 'accepted', 'sent/s', 'accepted/s', 'processed/s', 'p50 ms', 'p99 ms', 'max ms']
  const rows = measured.map(
    ({ scenario, sent, accepted, sentPerSecond, acceptedPerSecond, processedPerSecond, latencyMs }) => [
      scenario,
      ...[sent, accepted, sentPerSecond, acceptedPerSecond, processedPerSecond].map((n) =>
        Math.round(n).toLocaleString('en-US'),
      ),
      ...[latencyMs.p50, latencyMs.p99, latencyMs.max].map((ms) => ms.toFixed(1)),
    ],
  )
  for (const row of [head, ...rows])
    console.log(row.map((cell, i) => (i === 0 ? cell.padEnd(34) : cell.padStart(13))).join(''))
  console.log(
    '\nlatency: from the arrival of a record in the log to a follower that sees it counted; wall figures hold on an idle machine',
  )
}

const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-bench-live-input-'))
try {
  const file = join(folder, 'trips.ndjson')
  execFileSync(process.execPath, [
    'bin/mysimbdp.js',
    'generate',
    EXAMPLE,
    '--records',
    String(FAST_TRIPS),
    '--faults',
    '0',
    '--out',
    file,
  ])
  const measured = [
    await measure(`1: ${SLOW_RATE}/s for ${SLOW_SECONDS} s, a request each`, tenASecond),
    await measure(`2: ${FAST_TRIPS.toLocaleString('en-US')} as fast as possible`, asFastAsPossible(file)),
  ]
  report(measured)
  if (values.json !== undefined) {
    const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version, load: loadavg()[0] }
    writeFileSync(values.json, `${JSON.stringify({ machine, measured }, null, 2)}\n`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
