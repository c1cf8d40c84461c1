import { sliceDecoded } from '../../decoding/slice-decoded.ts'
import { eventTimeRange } from '../../records/event-time-range.ts'
import type { AppendOutcome, AppendRequest, AppendResult } from '../broker.ts'
import { outcomeOf, type ProducerState, repeatedRecords, stateAfter } from '../producer-sequence.ts'
import type { LogEnd } from './log-end.ts'
import type { SegmentAppend } from './segment.ts'

/** What one transaction appends for several requests, and what each of them is answered once that is committed. */
export interface AppendGroup {
  readonly appends: readonly SegmentAppend[]
  /** In the order of the requests. */
  readonly outcomes: readonly AppendOutcome[]
  readonly end: LogEnd
  /** Producers that moved on, as they are after the group. */
  readonly producers: ReadonlyMap<string, ProducerState>
}

/** Lays requests one after the other behind the end of the log; each sees those before it as if they were appended. */
export function planAppends(
  requests: readonly AppendRequest[],
  logEnd: LogEnd,
  known: ReadonlyMap<string, ProducerState>,
): AppendGroup {
  const appends: SegmentAppend[] = []
  const producers = new Map<string, ProducerState>()
  let end = logEnd
  const place = (request: AppendRequest): AppendResult => {
    const { producer, arrivalMs, decoded: sent } = request
    const alreadyReceived =
      producer === undefined
        ? 0
        : repeatedRecords(producers.get(producer.producerId) ?? known.get(producer.producerId), producer, sent.received)
    const baseOffset = end.offset
    if (alreadyReceived === sent.received) return { baseOffset, accepted: 0, rejected: 0, alreadyReceived }
    const decoded = alreadyReceived === 0 ? sent : sliceDecoded(sent, alreadyReceived)
    const state = stateAfter(request)
    if (state !== null) producers.set(state.id, state)
    const eventTimes = eventTimeRange(decoded.batch.eventTimes)
    appends.push({ baseOffset, arrivalMs, maxEventTimeBefore: end.maxEventTime, eventTimes, decoded, producer: state })
    end = endAfter(appends.at(-1)!)
    const accepted = decoded.batch.rows
    return { baseOffset, accepted, rejected: decoded.received - accepted, alreadyReceived }
  }
  const outcomes = requests.map((request) => outcomeOf(() => place(request)))
  return { appends, outcomes, end, producers }
}

/** How far the log goes once this is appended. */
export function endAfter({ baseOffset, arrivalMs, maxEventTimeBefore, eventTimes, decoded }: SegmentAppend): LogEnd {
  const maxEventTime = Math.max(maxEventTimeBefore, eventTimes.max)
  const offset = baseOffset + decoded.received
  return { offset, maxEventTime, maxEventTimeReceived: maxEventTime, lastArrivalMs: arrivalMs }
}
