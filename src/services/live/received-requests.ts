import type { StreamLog } from '#dataplane/brokers/broker.ts'
import type { Decoder } from '#dataplane/decoding/decoder.ts'
import type { SourceFormat } from '#dataplane/sources/source.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { randomId } from '#foundation/random/random-id.ts'
import type { Clock } from '#foundation/time/clock.ts'
import type { SourceNode } from '#language/plan/plan.ts'
import { applyBadRecordPolicy } from '../runs/bad-record-policy.ts'
import type { AppendQueue } from './append-queue.ts'
import type { IngestCounters } from './ingest-counters.ts'

/** Records in a batch of the log at most; a request's last batch may be smaller. */
const BATCH_RECORDS = 4096

export interface ProducerPosition {
  readonly producerId: string
  readonly epoch: number
  readonly sequence: number
}

/** What became of a request so far. `nextSequence` is there for a producer that numbers its records. */
export interface IngestTotals {
  readonly accepted: number
  readonly rejected: number
  readonly alreadyReceived: number
  readonly nextSequence: number | null
}

/** What the ingest thread has of one stream. */
export interface IngestStream {
  readonly source: SourceNode
  readonly log: StreamLog
  readonly queue: AppendQueue
  readonly counters: IngestCounters
}

interface OpenRequest {
  readonly stream: string
  readonly decoder: Decoder
  readonly format: SourceFormat
  readonly producer: ProducerPosition | null
  received: number
  /** Written since the last append. */
  bytes: number
  totals: IngestTotals
}

/**
 * The requests that are bringing records to an app. Each is opened, fed piece by piece (the answer to a piece comes when its records are in the
 * log: that is the back-pressure), and ended.
 */
export class ReceivedRequests {
  readonly #streams: ReadonlyMap<string, IngestStream>
  readonly #createDecoder: (stream: string, format: SourceFormat) => Decoder
  readonly #clock: Clock
  readonly #requests = new Map<string, OpenRequest>()
  /** Ids of requests begin with it: one of an earlier thread is not taken for one of this. */
  readonly #instance = randomId()
  /** JSON decoders that no request uses: each has learned the form of its stream's records. */
  readonly #idleDecoders = new Map<string, Decoder[]>()
  #nextRequest = 0

  constructor(
    streams: ReadonlyMap<string, IngestStream>,
    createDecoder: (stream: string, format: SourceFormat) => Decoder,
    clock: Clock,
  ) {
    this.#streams = streams
    this.#createDecoder = createDecoder
    this.#clock = clock
  }

  open({
    stream,
    format,
    producer,
  }: {
    stream: string
    format: SourceFormat
    producer: ProducerPosition | null
  }): string {
    const decoder =
      (format === 'json' ? this.#idleDecoders.get(stream)?.pop() : undefined) ?? this.#createDecoder(stream, format)
    const id = `${this.#instance}-${this.#nextRequest++}`
    this.#requests.set(id, {
      stream,
      decoder,
      format,
      producer,
      received: 0,
      bytes: 0,
      totals: { accepted: 0, rejected: 0, alreadyReceived: 0, nextSequence: producer?.sequence ?? null },
    })
    return id
  }

  #requestOf(id: string): OpenRequest {
    const request = this.#requests.get(id)
    if (request === undefined)
      throw new MysimbdpError('MSB_NOT_RUNNING', 'ingest began anew while this request was on its way')
    return request
  }

  async write(id: string, bytes: Uint8Array): Promise<IngestTotals> {
    const request = this.#requestOf(id)
    this.#streams.get(request.stream)!.counters.addBytes(bytes.length)
    request.decoder.write(bytes)
    request.bytes += bytes.length
    while (request.decoder.pending >= BATCH_RECORDS) await this.#append(request)
    return request.totals
  }

  async end(id: string): Promise<IngestTotals> {
    const request = this.#requestOf(id)
    request.decoder.end()
    while (request.decoder.pending > 0) await this.#append(request)
    this.#requests.delete(id)
    if (request.format === 'json')
      this.#idleDecoders.set(request.stream, [...(this.#idleDecoders.get(request.stream) ?? []), request.decoder])
    return request.totals
  }

  /**
   * What is in the log stays, the rest is forgotten, and so is the decoder with its half record. Answers what is in the log, and where its
   * producer is to go on: after a gap that is not where the request began.
   */
  async abort(id: string): Promise<IngestTotals | null> {
    const request = this.#requests.get(id)
    if (request === undefined) return null
    this.#requests.delete(id)
    const { stream, producer, totals } = request
    if (producer === null) return totals
    const known = await this.#streams.get(stream)!.log.knownProducer(producer.producerId)
    return { ...totals, nextSequence: known?.nextSequences[0] ?? totals.nextSequence }
  }

  async #append(request: OpenRequest): Promise<void> {
    const { stream, decoder, producer } = request
    const { source, log, queue, counters } = this.#streams.get(stream)!
    const { maxFutureSkewMs, badRecords } = source
    const arrivalMs = this.#clock.nowMs()
    const decoded = decoder.take(BATCH_RECORDS, { arrivalMs, maxFutureSkewMs })!
    if (badRecords === 'fail') counters.addRefused(decoded)
    const { end } = await log.bounds(0)
    const firstOffset = end + queue.waitingRecords
    const kept = applyBadRecordPolicy(decoded, badRecords, { stream, partition: 0, firstOffset })
    const position =
      producer === null
        ? {}
        : {
            producer: {
              producerId: producer.producerId,
              epoch: producer.epoch,
              baseSequence: producer.sequence + request.received,
            },
          }
    const bytes = request.bytes
    request.bytes = 0
    const append = { partition: 0, decoded: kept, arrivalMs, ...position }
    const result = await queue.append(append, bytes)
    const maxEventTimeMs = (await log.bounds(0)).maxEventTime
    counters.addAppended(decoded, result, { partition: 0, arrivalMs, maxEventTimeMs })
    const { accepted, rejected, alreadyReceived } = result
    request.received += decoded.received
    request.totals = {
      accepted: request.totals.accepted + accepted,
      rejected: request.totals.rejected + rejected,
      alreadyReceived: request.totals.alreadyReceived + alreadyReceived,
      nextSequence: producer === null ? null : producer.sequence + request.received,
    }
  }
}
