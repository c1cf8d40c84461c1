import type { Clock } from '#foundation/time/clock.ts'
import type { Feed } from './feed.ts'
import type { FeedCursor } from './feed-cursor.ts'
import type { EventTimeChoice } from './feed-record.ts'
import { FeedSender, type SendTotals } from './feed-sender.ts'
import type { Patience } from './patience.ts'
import type { RecordReceiver } from './record-receiver.ts'
import { producerIdOf } from './run-id.ts'
import type { Schedule } from './schedule.ts'

const LINGER_MS = 20

export interface EmulationSpec {
  readonly feed: Feed
  /** See `feedRunId`. */
  readonly runId: string
  readonly receiver: RecordReceiver
  readonly schedule: Schedule
  readonly chunkRecords: number
  readonly eventTime: string
  readonly eventTimeChoice: EventTimeChoice
  /** Sends the feed once more when it was sent to its end before. */
  readonly again: boolean
  readonly clock: Clock
  readonly patience: Patience
  readonly onProgress?: (progress: EmulationProgress) => void
}

export interface EmulationProgress extends SendTotals {
  /** Sequence this emulation began with: records before were sent earlier. */
  readonly firstSequence: number
}

export interface EmulationReport extends EmulationProgress {
  readonly producerId: string
  /** The feed had been sent to its end before, and nothing was sent now. */
  readonly wasFinished: boolean
}

/**
 * Sends a feed to its end. A feed that was interrupted, by whatever, goes on where the log stands; one that was finished is sent again only
 * when asked, as another producer.
 */
export async function emulate(spec: EmulationSpec): Promise<EmulationReport> {
  const { feed, runId, receiver, patience } = spec
  const last = await patience.insist(() => lastRepetition(receiver, runId))
  const cursor = feed.walk()
  await cursor.skipTo(last.nextSequence)
  const finished = last.nextSequence > 0 && !(await cursor.advance())
  if (!finished) return send(spec, producerIdOf(runId, last.repetition), cursor)
  if (spec.again) return send(spec, producerIdOf(runId, last.repetition + 1), feed.walk())
  const nextSequence = cursor.sequence
  const none = { accepted: 0, rejected: 0, alreadyReceived: 0, eventTimeMs: Number.NEGATIVE_INFINITY }
  const producerId = producerIdOf(runId, last.repetition)
  return { ...none, nextSequence, firstSequence: nextSequence, producerId, wasFinished: true }
}

async function send(spec: EmulationSpec, producerId: string, cursor: FeedCursor): Promise<EmulationReport> {
  const { receiver, schedule, chunkRecords, eventTime, eventTimeChoice, clock, patience, onProgress } = spec
  let firstSequence = cursor.sequence
  const totals = await new FeedSender({
    receiver,
    producerId,
    cursor,
    schedule,
    chunkRecords,
    lingerMs: LINGER_MS,
    eventTime,
    eventTimeChoice,
    clock,
    patience,
    onBegin: (sequence) => {
      firstSequence = sequence
    },
    onProgress: (sent) => onProgress?.({ ...sent, firstSequence }),
  }).run()
  return { ...totals, firstSequence, producerId, wasFinished: false }
}

/** How often the feed was begun so far (1 when never), and how far the last time came. */
async function lastRepetition(
  receiver: RecordReceiver,
  runId: string,
): Promise<{ readonly repetition: number; readonly nextSequence: number }> {
  let last = { repetition: 1, nextSequence: 0 }
  for (let repetition = 1; ; repetition++) {
    const known = await receiver.knownProducer(producerIdOf(runId, repetition))
    if (known === null) return last
    last = { repetition, nextSequence: known.nextSequence }
  }
}
