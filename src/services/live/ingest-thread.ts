import type { StreamLog } from '#dataplane/brokers/broker.ts'
import type { Decoder } from '#dataplane/decoding/decoder.ts'
import type { StreamPosition } from '#dataplane/engines/engine.ts'
import type { SourceFormat } from '#dataplane/sources/source.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { randomId } from '#foundation/random/random-id.ts'
import { serveThread } from '#foundation/threads/thread.ts'
import type { Clock } from '#foundation/time/clock.ts'
import { every } from '#foundation/time/timers.ts'
import type { SourceNode } from '#language/plan/plan.ts'
import type { App } from '#language/query/app.ts'
import { DeadLetterReplay, type ReplayReport, type ReplayRequest } from '../dead-letters/dead-letter-replay.ts'
import { applyBadRecordPolicy } from '../runs/bad-record-policy.ts'
import { openLogs, streamsOf } from '../runs/bounded-run.ts'
import type { Platform } from '../runs/platform.ts'
import type { AppFolder } from './app-folder.ts'
import { AppendQueue } from './append-queue.ts'
import { watchIdleStreams } from './idle-watch.ts'
import { IngestCounters, type IngestFigures } from './ingest-counters.ts'
import type { InputStats } from './recent-input.ts'

/** How often a log is looked at for what its retention lets go, also when nothing arrives. */
const RETENTION_CHECK_MS = 5000
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

export interface StreamStats extends InputStats {
  /** Offset the next record will get: so many records the log has ever received. */
  readonly logEnd: number
}

/** A stream's log has grown. */
export interface AppendedEvent {
  readonly stream: string
}

export type IngestMethods = IngestThread['methods'] & { close(argument: undefined): Promise<void> }

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
 * The one thread that writes the logs of an app: decodes what requests bring, appends it synced, and says so. A request is opened, fed
 * piece by piece (the answer to a piece comes when its records are in the log: that is the back-pressure), and ended.
 */
export class IngestThread {
  readonly #app: App
  readonly #folder: string
  readonly #platform: Platform
  readonly #clock: Clock
  readonly #sources: ReadonlyMap<string, SourceNode>
  readonly #logs: ReadonlyMap<string, StreamLog>
  readonly #queues: ReadonlyMap<string, AppendQueue>
  /** Up to where the job needs the logs; null while it has not said so. */
  #needed: readonly StreamPosition[] | null = null
  readonly #requests = new Map<string, OpenRequest>()
  /** Ids of requests begin with it: one of an earlier thread is not taken for one of this. */
  readonly #instance = randomId()
  /** JSON decoders that no request uses: each has learned the form of its stream's records. */
  readonly #idleDecoders = new Map<string, Decoder[]>()
  readonly #counters: ReadonlyMap<string, IngestCounters>
  #nextRequest = 0
  #appended: (event: AppendedEvent) => void = () => {}

  private constructor(
    app: App,
    folder: string,
    platform: Platform,
    clock: Clock,
    logs: ReadonlyMap<string, StreamLog>,
  ) {
    this.#app = app
    this.#folder = folder
    this.#platform = platform
    this.#clock = clock
    this.#sources = streamsOf(app.plan)
    this.#logs = logs
    this.#counters = new Map([...this.#sources.keys()].map((stream) => [stream, new IngestCounters(clock)]))
    this.#queues = new Map([...logs].map(([stream, log]) => [stream, this.#newQueue(stream, log)]))
  }

  #newQueue(stream: string, log: StreamLog): AppendQueue {
    return new AppendQueue(log, this.#clock, (durationMs) => {
      this.#counters.get(stream)!.addSync(durationMs)
      this.#appended({ stream })
    })
  }

  static async start(
    folder: AppFolder,
    platform: Platform,
    clock: Clock,
    limits: { readonly logBytesMax: number | null },
  ): Promise<void> {
    const { app } = folder.read()
    const broker = platform.openBroker(folder.path, limits)
    const logs = await openLogs(app.plan, broker, (stream) => app.streams[stream]?.retention)
    const thread = new IngestThread(app, folder.path, platform, clock, logs)
    const stopChecking = every(RETENTION_CHECK_MS, () => void thread.#applyRetention())
    const stopWatching = watchIdleStreams({ app, logs, clock, onMarked: (stream) => thread.#appended({ stream }) })
    const close = async (): Promise<void> => {
      stopChecking()
      stopWatching()
      for (const queue of thread.#queues.values()) await queue.drain()
      await broker.close()
    }
    thread.#appended = serveThread<AppendedEvent>({ ...thread.methods, close })
  }

  get methods() {
    return {
      ready: (_: undefined) => {},
      openProducer: async ({ stream, producerId }: { stream: string; producerId: string }) => {
        const { epoch, nextSequences } = await this.#logs.get(stream)!.openProducer(producerId)
        return { epoch, nextSequence: nextSequences[0]! }
      },
      knownProducer: async ({ stream, producerId }: { stream: string; producerId: string }) => {
        const known = await this.#logs.get(stream)!.knownProducer(producerId)
        return known === undefined ? null : { epoch: known.epoch, nextSequence: known.nextSequences[0]! }
      },
      open: (request: { stream: string; format: SourceFormat; producer: ProducerPosition | null }) =>
        this.#open(request),
      write: ({ request, bytes }: { request: string; bytes: Uint8Array }) => this.#write(request, bytes),
      end: (request: string) => this.#end(request),
      figures: async (_: undefined): Promise<ReadonlyMap<string, IngestFigures>> => {
        const figures = new Map<string, IngestFigures>()
        for (const [stream, counters] of this.#counters)
          figures.set(stream, await counters.figures(this.#logs.get(stream)!))
        return figures
      },
      inputStats: async (_: undefined): Promise<ReadonlyMap<string, StreamStats>> => {
        const stats = new Map<string, StreamStats>()
        for (const [stream, { recent }] of this.#counters)
          stats.set(stream, { ...recent.stats, logEnd: (await this.#logs.get(stream)!.bounds(0)).end })
        return stats
      },
      abort: (request: string) => this.#abort(request),
      needLogs: (positions: readonly StreamPosition[] | null) => {
        this.#needed = positions
        return this.#applyRetention()
      },
      replayDeadLetters: ({ stream, request }: { stream: string; request: ReplayRequest }) =>
        this.#replayDeadLetters(stream, request),
    }
  }

  #open({
    stream,
    format,
    producer,
  }: {
    stream: string
    format: SourceFormat
    producer: ProducerPosition | null
  }): string {
    const decoder =
      (format === 'json' ? this.#idleDecoders.get(stream)?.pop() : undefined) ??
      this.#platform.createDecoder(this.#app, stream, format)
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

  async #write(id: string, bytes: Uint8Array): Promise<IngestTotals> {
    const request = this.#requestOf(id)
    this.#counters.get(request.stream)!.addBytes(bytes.length)
    request.decoder.write(bytes)
    request.bytes += bytes.length
    while (request.decoder.pending >= BATCH_RECORDS) await this.#append(request)
    return request.totals
  }

  async #end(id: string): Promise<IngestTotals> {
    const request = this.#requestOf(id)
    request.decoder.end()
    while (request.decoder.pending > 0) await this.#append(request)
    this.#requests.delete(id)
    if (request.format === 'json')
      this.#idleDecoders.set(request.stream, [...(this.#idleDecoders.get(request.stream) ?? []), request.decoder])
    return request.totals
  }

  #replayDeadLetters(stream: string, request: ReplayRequest): Promise<ReplayReport> {
    return DeadLetterReplay.run(
      {
        app: this.#app,
        stream,
        log: this.#logs.get(stream)!,
        platform: this.#platform,
        clock: this.#clock,
        folder: this.#folder,
        appended: () => this.#appended({ stream }),
      },
      request,
    )
  }

  /** What is in the log stays, the rest is forgotten, and so is the decoder with its half record. Answers what is in the log. */
  #abort(id: string): IngestTotals | null {
    const totals = this.#requests.get(id)?.totals ?? null
    this.#requests.delete(id)
    return totals
  }

  async #append(request: OpenRequest): Promise<void> {
    const { stream, decoder, producer } = request
    const { maxFutureSkewMs, badRecords } = this.#sources.get(stream)!
    const queue = this.#queues.get(stream)!
    const arrivalMs = this.#clock.nowMs()
    const decoded = decoder.take(BATCH_RECORDS, { arrivalMs, maxFutureSkewMs })!
    const counters = this.#counters.get(stream)!
    counters.recent.add(decoded)
    const log = this.#logs.get(stream)!
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

  /** An error ends the thread: what cannot be deleted is a broken disk. */
  async #applyRetention(): Promise<void> {
    for (const [stream, log] of this.#logs) {
      const needed = this.#needed?.filter((position) => position.stream === stream) ?? []
      await log.applyRetention(this.#clock.nowMs(), new Map(needed.map(({ partition, offset }) => [partition, offset])))
    }
  }
}
