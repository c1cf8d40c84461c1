import type { AppendRequest, ProducerSession, StreamLog } from '#dataplane/brokers/broker.ts'
import { BatchCopier } from '#dataplane/records/copy-batch.ts'
import type { DecodedBatch } from '#dataplane/records/record-batch.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { faultPoint } from '#foundation/faults/fault-points.ts'
import type { BadRecordPolicy } from '#language/plan/plan.ts'
import { applyBadRecordPolicy } from './bad-record-policy.ts'

/** Batches in a transaction of the log: enough that syncs cost little, few enough that little memory waits. */
const BATCHES_AT_ONCE_DEFAULT = 8

/** What became of the records of a stream's input. */
export interface InputReport {
  readonly read: number
  readonly accepted: number
  readonly rejected: number
  /** Accepted records whose local time occurs twice (semantics 3.4). */
  readonly ambiguousTimes: number
}

export const NOTHING_READ: InputReport = { read: 0, accepted: 0, rejected: 0, ambiguousTimes: 0 }

/** The one producer of a stream in a bounded run. */
export const producerOf = (stream: string): string => `run:${stream}`

interface IngestSpec {
  readonly stream: string
  readonly log: Pick<StreamLog, 'openProducer' | 'appendAll'>
  readonly badRecords: BadRecordPolicy
  readonly arrivalMs: () => number
  /** Batches in a transaction of the log; 8 by default. */
  readonly batchesAtOnce?: number
}

/**
 * Brings decoded records into a stream's log, once: it is one producer, whose sequence counts the records from the beginning of
 * the first source. After a restart everything is decoded again, and what the log already received is trimmed.
 */
export class Ingest {
  readonly #spec: IngestSpec
  readonly #session: ProducerSession
  readonly #memory: readonly BatchCopier[]
  #gathered: AppendRequest[] = []
  #report: InputReport = NOTHING_READ

  private constructor(spec: IngestSpec, session: ProducerSession) {
    this.#spec = spec
    this.#session = session
    const { batchesAtOnce = BATCHES_AT_ONCE_DEFAULT } = spec
    this.#memory = Array.from({ length: batchesAtOnce }, () => new BatchCopier())
  }

  static async open(spec: IngestSpec): Promise<Ingest> {
    return new Ingest(spec, await spec.log.openProducer(producerOf(spec.stream)))
  }

  get report(): InputReport {
    return this.#report
  }

  /** Yields after each transaction of the log, so that the caller can let the queries follow. */
  async *read(batches: AsyncIterable<DecodedBatch>): AsyncIterable<void> {
    try {
      for await (const decoded of batches) {
        faultPoint('run.input-read')
        this.#gather(decoded)
        if (this.#gathered.length < this.#memory.length) continue
        await this.#append()
        yield
      }
    } catch (error) {
      // What came before the fault is to be seen in the log.
      if (error instanceof MysimbdpError) await this.#append()
      throw error
    }
    await this.#append()
    yield
  }

  #gather(decoded: DecodedBatch): void {
    const { stream, badRecords, arrivalMs } = this.#spec
    const { read, accepted, rejected, ambiguousTimes } = this.#report
    const kept = applyBadRecordPolicy(decoded, badRecords, { stream, partition: 0, firstOffset: read })
    const { producerId, epoch } = this.#session
    this.#gathered.push({
      partition: 0,
      decoded: this.#memory[this.#gathered.length]!.copy(kept),
      arrivalMs: arrivalMs(),
      producer: { producerId, epoch, baseSequence: read },
    })
    this.#report = {
      read: read + decoded.received,
      accepted: accepted + decoded.batch.rows,
      rejected: rejected + decoded.received - decoded.batch.rows,
      ambiguousTimes: ambiguousTimes + decoded.ambiguousTimes,
    }
  }

  async #append(): Promise<void> {
    const requests = this.#gathered
    this.#gathered = []
    for (const outcome of await this.#spec.log.appendAll(requests)) if ('error' in outcome) throw outcome.error
  }
}
