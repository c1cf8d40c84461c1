import type { AppendResult, PlacedRecords, StreamLog } from '#dataplane/brokers/broker.ts'
import type { Decoder } from '#dataplane/decoding/decoder.ts'
import { BatchCopier } from '#dataplane/records/copy-batch.ts'
import type { DecodedBatch } from '#dataplane/records/record-batch.ts'
import type { SourceFormat } from '#dataplane/sources/source.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { Clock } from '#foundation/time/clock.ts'
import type { SourceNode } from '#language/plan/plan.ts'
import { applyBadRecordPolicy } from '../runs/bad-record-policy.ts'
import type { AppendQueue } from './append-queue.ts'
import type { IngestCounters } from './ingest-counters.ts'
import type { IngestRequestSpec } from './ingest-request.ts'
import { ReceivedBuffers, type SharedBytes } from './message-buffers.ts'

/** Records in a batch of the log at most; a request's last batch may be smaller. */
const BATCH_RECORDS = 4096
/** Some megabytes each, kept of a stream for the next requests. */
const IDLE_DECODERS_MAX = 4

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

/** Some of what a request brings. */
export interface ReceivedPiece {
  /** Its id. */
  readonly request: string
  /** With its first piece; null with those that follow. */
  readonly spec: IngestRequestSpec | null
  readonly bytes: SharedBytes
}

interface OpenRequest extends IngestRequestSpec {
  /** While it brings more than one piece: a record may begin in one and end in another. */
  decoder: Decoder | null
  received: number
  /** Written since the last append. */
  bytes: number
  totals: IngestTotals
}

/**
 * The requests that are bringing records to an app, piece by piece. The answer to a piece comes when its records are in the log: that is the
 * back-pressure.
 */
export class ReceivedRequests {
  readonly #streams: ReadonlyMap<string, IngestStream>
  readonly #createDecoder: (stream: string, format: SourceFormat) => Decoder
  readonly #clock: Clock
  readonly #requests = new Map<string, OpenRequest>()
  readonly #buffers = new ReceivedBuffers()
  /** JSON decoders that no request uses: each has learned the form of its stream's records, and has its dictionaries. The last one is used first. */
  readonly #idleDecoders = new Map<string, Decoder[]>()
  /** Memory for records that wait to be appended. */
  readonly #idleCopiers: BatchCopier[] = []

  constructor(
    streams: ReadonlyMap<string, IngestStream>,
    createDecoder: (stream: string, format: SourceFormat) => Decoder,
    clock: Clock,
  ) {
    this.#streams = streams
    this.#createDecoder = createDecoder
    this.#clock = clock
  }

  async write(piece: ReceivedPiece): Promise<IngestTotals> {
    const bytes = this.#buffers.bytesOf(piece.bytes)
    const request = this.#requestOf(piece)
    request.decoder ??= this.#takeDecoder(request)
    this.#feed(request, request.decoder, bytes)
    while (request.decoder.pending >= BATCH_RECORDS) await this.#append(request, this.#take(request, request.decoder))
    return request.totals
  }

  async end(piece: ReceivedPiece): Promise<IngestTotals> {
    const bytes = this.#buffers.bytesOf(piece.bytes)
    const request = this.#requestOf(piece)
    const decoder = request.decoder ?? this.#takeDecoder(request)
    this.#feed(request, decoder, bytes)
    decoder.end()
    const rest: { readonly copier: BatchCopier; readonly decoded: DecodedBatch }[] = []
    while (decoder.pending > 0) {
      const copier = this.#idleCopiers.pop() ?? new BatchCopier()
      rest.push({ copier, decoded: copier.copy(this.#take(request, decoder)) })
    }
    // Before its records are in the log: requests that come meanwhile use the same decoder, and so the same dictionaries.
    this.#giveBack(request, decoder)
    try {
      for (const { decoded } of rest) await this.#append(request, decoded)
    } finally {
      for (const { copier } of rest) this.#idleCopiers.push(copier)
    }
    this.#requests.delete(piece.request)
    return request.totals
  }

  #requestOf({ request: id, spec }: ReceivedPiece): OpenRequest {
    const known = this.#requests.get(id)
    if (known !== undefined) return known
    if (spec === null) throw new MysimbdpError('MSB_NOT_RUNNING', 'ingest began anew while this request was on its way')
    const nextSequence = spec.producer?.sequence ?? null
    const totals = { accepted: 0, rejected: 0, alreadyReceived: 0, nextSequence }
    const request: OpenRequest = { ...spec, decoder: null, received: 0, bytes: 0, totals }
    this.#requests.set(id, request)
    return request
  }

  #takeDecoder({ stream, format }: OpenRequest): Decoder {
    const idle = format === 'json' ? this.#idleDecoders.get(stream)?.pop() : undefined
    return idle ?? this.#createDecoder(stream, format)
  }

  #giveBack({ stream, format }: OpenRequest, decoder: Decoder): void {
    if (format !== 'json') return
    const idle = this.#idleDecoders.get(stream)
    if (idle === undefined) this.#idleDecoders.set(stream, [decoder])
    else if (idle.length < IDLE_DECODERS_MAX) idle.push(decoder)
  }

  #feed(request: OpenRequest, decoder: Decoder, bytes: Uint8Array): void {
    this.#streams.get(request.stream)!.counters.addBytes(bytes.length)
    decoder.write(bytes)
    request.bytes += bytes.length
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

  #take(request: OpenRequest, decoder: Decoder): DecodedBatch {
    const { maxFutureSkewMs } = this.#streams.get(request.stream)!.source
    return decoder.take(BATCH_RECORDS, { arrivalMs: this.#clock.nowMs(), maxFutureSkewMs })!
  }

  async #append(request: OpenRequest, decoded: DecodedBatch): Promise<void> {
    const { stream, producer } = request
    const { log, queue, counters } = this.#streams.get(stream)!
    const arrivalMs = this.#clock.nowMs()
    const kept = await keptOf(decoded, this.#streams.get(stream)!)
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
    const result = await queue.append({ partition: null, decoded: kept, arrivalMs, ...position }, bytes)
    const placed = result.placed ?? [await placedInOne(log, result)]
    counters.addAppended(decoded, result, { arrivalMs, placed })
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

/**
 * What the stream's policy leaves of a batch.
 * @throws MSB_RECORD_REJECTED with the place that the record would have had, were the first partition its own
 */
async function keptOf(decoded: DecodedBatch, { source, log, queue, counters }: IngestStream): Promise<DecodedBatch> {
  const { stream, badRecords } = source
  if (badRecords !== 'fail') return applyBadRecordPolicy(decoded, badRecords, { stream, partition: 0, firstOffset: 0 })
  counters.addRefused(decoded)
  const firstOffset = (await log.bounds(0)).end + queue.waitingRecords
  return applyBadRecordPolicy(decoded, badRecords, { stream, partition: 0, firstOffset })
}

/** A log that places nothing has one partition. */
async function placedInOne(log: StreamLog, { accepted }: AppendResult): Promise<PlacedRecords> {
  return { partition: 0, accepted, maxEventTimeMs: (await log.bounds(0)).maxEventTime }
}
