import type {
  AppendOutcome,
  AppendRequest,
  DeadLetter,
  DeadLetterCount,
  LogSize,
  PartitionBounds,
  ProducerSession,
  StreamLog,
  StreamReader,
  StreamSpec,
} from '#dataplane/brokers/broker.ts'
import type { LoggedBatch } from '#dataplane/records/record-batch.ts'
import { BatchPlaces } from './batch-place.ts'

const NONE: readonly LoggedBatch[] = []

/**
 * A log of one partition whose last batches are still at hand: a job that follows closely gets them as they were appended, without the way over the
 * disk. What it asks for otherwise is read from the log.
 */
export class FollowedLog implements StreamReader {
  readonly #log: StreamLog
  /** What was appended last: valid until more is appended. */
  #recent = NONE

  constructor(log: StreamLog) {
    this.#log = log
  }

  get spec(): StreamSpec {
    return this.#log.spec
  }

  openProducer(producerId: string): Promise<ProducerSession> {
    return this.#log.openProducer(producerId)
  }

  /** As `StreamLog.appendAll`. The batches must stay as they are until the next call. */
  async appendAll(requests: readonly AppendRequest[]): Promise<readonly AppendOutcome[]> {
    this.#recent = NONE
    const { end, maxEventTime } = await this.#log.bounds(0)
    const outcomes = await this.#log.appendAll(requests)
    if (outcomes.every(isWhole)) {
      const places = new BatchPlaces({ offset: end, maxEventTime })
      this.#recent = requests.map(({ decoded, arrivalMs }) => places.place(decoded.batch, decoded.received, arrivalMs))
    }
    return outcomes
  }

  async read(partition: number, fromOffset: number, maxRecords: number): Promise<readonly LoggedBatch[]> {
    const first = this.#recent.findIndex(({ baseOffset }) => baseOffset === fromOffset)
    if (first < 0) return this.#log.read(partition, fromOffset, maxRecords)
    const after = this.#recent.findIndex(({ baseOffset }) => baseOffset >= fromOffset + maxRecords)
    return this.#recent.slice(first, after < 0 ? undefined : after)
  }

  bounds(partition: number): Promise<PartitionBounds> {
    return this.#log.bounds(partition)
  }

  size(partition: number): Promise<LogSize> {
    return this.#log.size(partition)
  }

  deadLetters(
    partition: number,
    query?: { readonly fromOffset?: number; readonly limit?: number },
  ): Promise<readonly DeadLetter[]> {
    return this.#log.deadLetters(partition, query)
  }

  deadLetterCounts(partition: number): Promise<readonly DeadLetterCount[]> {
    return this.#log.deadLetterCounts(partition)
  }

  /** The log is closed by who opened it. */
  async close(): Promise<void> {
    this.#recent = NONE
  }
}

/** Whether the log took the batch as it is: after a restart it trims what it had received. */
const isWhole = (outcome: AppendOutcome): boolean => 'result' in outcome && outcome.result.alreadyReceived === 0
