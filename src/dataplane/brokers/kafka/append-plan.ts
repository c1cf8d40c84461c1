import { sliceDecoded } from '../../decoding/slice-decoded.ts'
import type { DecodedBatch } from '../../records/record-batch.ts'
import type { AppendOutcome, AppendRequest, PlacedRecords } from '../broker.ts'
import { outcomeOf, type ProducerState, repeatedRecords, stateAfter } from '../producer-sequence.ts'

/** What one transaction appends for several requests. */
export interface AppendPlan {
  /** What is appended, request by request. */
  readonly appends: readonly DecodedBatch[]
  /** Producers that move on, as they are afterwards. */
  readonly producers: ReadonlyMap<string, ProducerState>
  /**
   * What each request is answered.
   * @param offsets of all records that were appended
   * @param end of the partition, for requests that brought nothing new; it is only needed when there is no offset
   * @param placed of each of `appends`, where its records went; null where they all went to the partition that was asked for
   */
  outcomes(
    offsets: readonly number[],
    end: number,
    placed: readonly (readonly PlacedRecords[])[] | null,
  ): readonly AppendOutcome[]
}

/** Each request sees those before it as if they were appended. */
export function planAppends(requests: readonly AppendRequest[], known: ReadonlyMap<string, ProducerState>): AppendPlan {
  const appends: DecodedBatch[] = []
  const producers = new Map<string, ProducerState>()
  let records = 0
  const planned = requests.map((request) => {
    const [firstRecord, append] = [records, appends.length]
    const outcome = outcomeOf(() => {
      const { producer, decoded: sent } = request
      const state =
        producer === undefined ? undefined : (producers.get(producer.producerId) ?? known.get(producer.producerId))
      const alreadyReceived = producer === undefined ? 0 : repeatedRecords(state, producer, sent.received)
      if (alreadyReceived === sent.received) return { baseOffset: 0, accepted: 0, rejected: 0, alreadyReceived }
      const decoded = alreadyReceived === 0 ? sent : sliceDecoded(sent, alreadyReceived)
      const after = stateAfter(request)
      if (after !== null) producers.set(after.id, after)
      appends.push(decoded)
      records += decoded.received
      return {
        baseOffset: 0,
        accepted: decoded.batch.rows,
        rejected: decoded.received - decoded.batch.rows,
        alreadyReceived,
      }
    })
    return { outcome, firstRecord, append: append < appends.length ? append : null }
  })
  return {
    appends,
    producers,
    outcomes: (offsets, end, placed) =>
      planned.map(({ outcome, firstRecord, append }) => {
        if ('error' in outcome) return outcome
        const baseOffset = baseOffsetOf(firstRecord, offsets.slice(0, records), end)
        return {
          result: { ...outcome.result, baseOffset, ...(placed && { placed: append === null ? [] : placed[append]! }) },
        }
      }),
  }
}

function baseOffsetOf(firstRecord: number, offsets: readonly number[], end: number): number {
  const behind = offsets.length === 0 ? end : offsets.at(-1)! + 1
  return offsets[firstRecord] ?? behind
}
