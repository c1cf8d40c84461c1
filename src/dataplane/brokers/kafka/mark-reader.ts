import { CommittedFetch } from './committed-fetch.ts'
import type { KafkaConnection } from './connection.ts'
import { marksTopicOf } from './topic-names.ts'
import type { KafkaMessage } from './transactional-producer.ts'

/** An idle partition: records from `offset` on count as if it had seen this event time (semantics 2.7). */
export interface IdleMark {
  readonly offset: number
  readonly eventTimeMs: number
}

export const markMessage = (topic: string, partition: number, mark: IdleMark): KafkaMessage => ({
  topic: marksTopicOf(topic),
  partition,
  key: null,
  value: Buffer.from(JSON.stringify(mark)),
})

/** The marks of one partition of a stream. */
export class MarkReader {
  readonly #fetch: CommittedFetch
  readonly #partition: number
  #nextOffset = 0
  /** In the order in which they were made; offsets and event times ascend. */
  #marks: IdleMark[] = []

  constructor(fetch: CommittedFetch, partition: number) {
    this.#fetch = fetch
    this.#partition = partition
  }

  static openTopic(connection: KafkaConnection, topic: string): Promise<CommittedFetch> {
    return CommittedFetch.open(connection, marksTopicOf(topic))
  }

  /**
   * Reads what is new. A mark is committed before its writer appends what comes behind it: who asks for marks after the records
   * has every mark that concerns them.
   */
  async refresh(): Promise<void> {
    for await (const { offset, value } of this.#fetch.readToEnd(this.#partition, this.#nextOffset)) {
      this.#nextOffset = offset + 1
      if (value !== null) this.#marks.push(JSON.parse(value.toString()) as IdleMark)
    }
  }

  /** Greatest event time of the marks at or before this offset; -Infinity for none. */
  greatestUpTo(offset: number): number {
    let greatest = Number.NEGATIVE_INFINITY
    for (const mark of this.#marks) if (mark.offset <= offset) greatest = Math.max(greatest, mark.eventTimeMs)
    return greatest
  }

  /** Where the first mark behind an offset lies; Infinity for none. */
  nextBehind(offset: number): number {
    let next = Number.POSITIVE_INFINITY
    for (const mark of this.#marks) if (mark.offset > offset) next = Math.min(next, mark.offset)
    return next
  }
}
