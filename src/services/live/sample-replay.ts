import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { Clock } from '#foundation/time/clock.ts'
import { delay } from '#foundation/time/timers.ts'
import { DAY_MS } from '#foundation/time/zone.ts'
import type { StreamSample } from '#language/query/stream.ts'
import { formatDate } from '#language/schemas/value-text.ts'
import { streamsOf } from '../runs/bounded-run.ts'
import type { LiveApp } from './live-app.ts'

/** How often the replay sends what is due. */
const TICK_MS = 250

export interface ReplaySpec {
  readonly live: LiveApp
  readonly stream: string
  readonly sample: StreamSample
  /** Event time that passes in one second of the clock, in seconds. */
  readonly speed: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

/**
 * Sends the generated sample of a stream as if it happened: the day before today, event time running at `speed`, never past now. It is a producer
 * of its own for each date, so that after a restart it goes on where the log stands.
 */
export async function replaySample(spec: ReplaySpec): Promise<void> {
  for (let date = Math.floor(spec.clock.nowMs() / DAY_MS) - 1; !spec.signal.aborted; date++)
    await replayDay(spec, formatDate(date))
}

async function replayDay({ live, stream, sample, speed, clock, signal }: ReplaySpec, date: string): Promise<void> {
  const { eventTime } = streamsOf(live.app.plan).get(stream)!
  const { epoch, nextSequence } = await live.openProducer(stream, `sample:${date}`)
  const startedMs = clock.monotonicMs()
  const pending: string[] = []
  let [sequence, sent, dayStart] = [0, nextSequence, Number.NaN]
  for (const line of sample.generate({ ...sample.defaults, date })) {
    if (sequence++ < nextSequence) continue
    const at = eventTimeOf(line, eventTime)
    if (Number.isNaN(dayStart) && at !== null) dayStart = at
    while (at !== null && !isDue(at)) {
      await send()
      await delay(TICK_MS, signal)
      if (signal.aborted) return
    }
    pending.push(line)
  }
  await send()

  /** Event time has come so far when it runs at `speed`, and is not in the future. */
  function isDue(at: number): boolean {
    return at <= dayStart + (clock.monotonicMs() - startedMs) * speed && at <= clock.nowMs()
  }

  async function send(): Promise<void> {
    if (pending.length === 0) return
    const bytes = new TextEncoder().encode(`${pending.splice(0).join('\n')}\n`)
    const producer = { producerId: `sample:${date}`, epoch, sequence: sent }
    for (;;) {
      try {
        sent = (await live.append({ stream, format: 'json', producer }, piecesOf(bytes))).nextSequence!
        return
      } catch (error) {
        // While another version of the app is put in place there is no ingest; what is there already is trimmed.
        if (!(error instanceof MysimbdpError) || error.retry === 'never') throw error
        await delay(TICK_MS, signal)
        if (signal.aborted) return
      }
    }
  }
}

async function* piecesOf(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}

/** The event time of a record, where it has a readable one: faulty records go along with the others. */
function eventTimeOf(line: string, field: string): number | null {
  try {
    const value = (JSON.parse(line) as Record<string, unknown>)[field]
    return typeof value === 'number' ? value : null
  } catch {
    return null
  }
}
