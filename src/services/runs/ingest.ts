import type { ProducerSession, StreamLog } from '#dataplane/brokers/broker.ts'
import type { Decoder } from '#dataplane/decoding/decoder.ts'
import type { Source } from '#dataplane/sources/source.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { faultPoint } from '#foundation/faults/fault-points.ts'
import type { BadRecordPolicy } from '#language/plan/plan.ts'
import { applyBadRecordPolicy } from './bad-record-policy.ts'

/** Records in a batch of the log. */
const BATCH_RECORDS = 4096

/** What became of the records of a stream's input. */
export interface InputReport {
  readonly read: number
  readonly accepted: number
  readonly rejected: number
  /** Accepted records whose local time occurs twice (semantics 3.4). */
  readonly ambiguousTimes: number
}

export const NOTHING_READ: InputReport = { read: 0, accepted: 0, rejected: 0, ambiguousTimes: 0 }

interface IngestSpec {
  readonly stream: string
  readonly log: StreamLog
  readonly badRecords: BadRecordPolicy
  readonly arrivalMs: () => number
}

/**
 * Brings the content of sources into a stream's log, once: it is one producer, whose sequence counts the records from the beginning of
 * the first source. After a restart everything is decoded again, and what the log already received is trimmed.
 */
export class Ingest {
  readonly #spec: IngestSpec
  readonly #session: ProducerSession
  #report: InputReport = NOTHING_READ

  private constructor(spec: IngestSpec, session: ProducerSession) {
    this.#spec = spec
    this.#session = session
  }

  static async open(spec: IngestSpec): Promise<Ingest> {
    return new Ingest(spec, await spec.log.openProducer(`run:${spec.stream}`))
  }

  get report(): InputReport {
    return this.#report
  }

  /** Yields after each batch in the log, so that the caller can let the queries follow. */
  async *read(source: Source, decoder: Decoder): AsyncIterable<void> {
    try {
      for await (const chunk of source.chunks(() => decoder.room())) {
        decoder.write(chunk)
        while (decoder.pending >= BATCH_RECORDS) {
          await this.#append(decoder)
          yield
        }
      }
      decoder.end()
    } catch (error) {
      throw error instanceof MysimbdpError
        ? error.at({ input: source.name, 'records read': this.#report.read + decoder.pending })
        : error
    }
    while (decoder.pending > 0) {
      await this.#append(decoder)
      yield
    }
  }

  async #append(decoder: Decoder): Promise<void> {
    const decoded = decoder.take(BATCH_RECORDS, { arrivalMs: this.#spec.arrivalMs(), maxFutureSkewMs: null })!
    faultPoint('run.input-read')
    const { log, stream, badRecords, arrivalMs } = this.#spec
    const kept = applyBadRecordPolicy(decoded, badRecords, { stream, partition: 0, firstOffset: this.#report.read })
    const producer = {
      producerId: this.#session.producerId,
      epoch: this.#session.epoch,
      baseSequence: this.#report.read,
    }
    await log.append({ partition: 0, decoded: kept, arrivalMs: arrivalMs(), producer })
    this.#report = {
      read: this.#report.read + decoded.received,
      accepted: this.#report.accepted + decoded.batch.rows,
      rejected: this.#report.rejected + decoded.received - decoded.batch.rows,
      ambiguousTimes: this.#report.ambiguousTimes + decoded.ambiguousTimes,
    }
  }
}
