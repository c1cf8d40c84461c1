import type { Clock } from '#foundation/time/clock.ts'
import { DAY_MS, zoneRules } from '#foundation/time/zone.ts'
import { type SourceNode, streamsOf } from '#language/plan/plan.ts'
import type { StreamSample } from '#language/query/stream.ts'
import { formatDate } from '#language/schemas/value-text.ts'
import { Feed } from '../emulation/feed.ts'
import { FeedSender } from '../emulation/feed-sender.ts'
import { Patience } from '../emulation/patience.ts'
import type { RecordReceiver } from '../emulation/record-receiver.ts'
import { AsEventTime, NotPastNow, type Schedule } from '../emulation/schedule.ts'
import type { Platform } from '../runs/platform.ts'
import type { LiveApp } from './live-app.ts'
import { LiveRecordReceiver } from './live-record-receiver.ts'

/** Event time that is held back from now once it has come close, so that there is something to show right after a start. */
const RESERVE_MS = 600_000
/** How long after a start the reserve is used. */
const FRESH_MS = 10_000
/** Below the speed of the clock, so that a reserve that was used grows again. */
const SPEED_NEAR_NOW = 0.5
/** A standstill that is longer (a machine that slept) is not caught up at once, but at `speed`. */
const STANDSTILL_MS_MAX = 1000
const CHUNK_RECORDS = 1000
const LINGER_MS = 100

export interface ReplaySpec {
  readonly live: LiveApp
  readonly stream: string
  /** Of the app as its folder has it: a deployed app is data, and has none. */
  readonly sample: StreamSample
  /** Event time that passes in one second of the clock, in seconds. */
  readonly speed: number
  readonly platform: Platform
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** As long as it takes: an ingest that does not run yet may run later. */
const patienceOf = ({ clock, signal }: Pick<ReplaySpec, 'clock' | 'signal'>): Patience =>
  new Patience({ clock, limitMs: Number.POSITIVE_INFINITY, signal })

/**
 * Sends the generated sample of a stream as if it happened: yesterday from 00:00 local time, and the days after it. It is a producer of its own
 * for each date, so that after a restart it goes on where the log stands, at the same speed; days before yesterday are not made up for.
 *
 * Event time runs at `speed` and is never past now. When it comes within ten minutes of now it runs with the clock, and after a start it uses
 * those ten minutes: results move at once, whenever that is.
 * @throws what ingest refuses records with for good, such as MSB_LOG_PRODUCER_FENCED: another one has taken over
 */
export async function replaySample(spec: ReplaySpec): Promise<void> {
  const source = streamsOf(spec.live.app.plan).get(spec.stream)!
  const receiver = new LiveRecordReceiver(spec.live, spec.stream)
  const schedule = replaySchedule(spec.clock, spec.speed)
  const first = await patienceOf(spec).insist(() => firstReplayDate(receiver, source.timeZone, spec.clock))
  for (let date = first; !spec.signal.aborted; date++)
    await replayDay(spec, source, receiver, schedule, formatDate(date))
}

/** The pace of a replay that starts now. */
export function replaySchedule(clock: Clock, speed: number): Schedule {
  const startedMs = clock.monotonicMs()
  const speedAt = (eventTimeMs: number): number => {
    const isFresh = clock.monotonicMs() - startedMs < FRESH_MS
    const isNearNow = clock.nowMs() - eventTimeMs < RESERVE_MS
    return isNearNow && !isFresh ? Math.min(speed, SPEED_NEAR_NOW) : speed
  }
  const pace = { speedAt, longestPauseMs: Number.POSITIVE_INFINITY, longestStandstillMs: STANDSTILL_MS_MAX }
  return new NotPastNow(clock, new AsEventTime(clock, pace))
}

/** Today when it has begun already, else yesterday; as days since 1970-01-01 in the app's zone. */
export async function firstReplayDate(receiver: RecordReceiver, timeZone: string, clock: Clock): Promise<number> {
  const nowMs = clock.nowMs()
  const today = Math.floor((nowMs + zoneRules(timeZone).offsetMsAt(nowMs)) / DAY_MS)
  const begun = await receiver.knownProducer(producerOf(formatDate(today)))
  return begun === null ? today - 1 : today
}

const producerOf = (date: string): string => `sample:${date}`

async function replayDay(
  spec: ReplaySpec,
  { schema, eventTime }: SourceNode,
  receiver: RecordReceiver,
  schedule: Schedule,
  date: string,
): Promise<void> {
  const { live, stream, sample, platform, clock, signal } = spec
  const feed = new Feed({
    sources: [platform.openSample(stream, sample, { ...sample.defaults, date })],
    decoderOf: ({ format }) => platform.createDecoder(live.app, stream, format),
    schema,
    eventTime,
    eventTimeChoice: 'column',
    dropIncomplete: false,
    sort: false,
    faults: { faults: [], seed: 0, from: 0, to: 0 },
  })
  await new FeedSender({
    receiver,
    producerId: producerOf(date),
    cursor: feed.walk(),
    schedule,
    chunkRecords: CHUNK_RECORDS,
    lingerMs: LINGER_MS,
    eventTime,
    eventTimeChoice: 'column',
    clock,
    patience: patienceOf(spec),
    signal,
  }).run()
}
