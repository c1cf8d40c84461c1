import { join } from 'node:path'
import type { ProducerSession, StreamLog } from '#dataplane/brokers/broker.ts'
import { LocalBroker } from '#dataplane/brokers/local/local-broker.ts'
import { createJsonDecoder, type Decoder } from '#dataplane/decoding/decoder.ts'
import { EmbeddedEngine } from '#dataplane/engines/embedded/embedded-engine.ts'
import type { JobStore } from '#dataplane/engines/embedded/state/job-store.ts'
import { SqliteJobStore } from '#dataplane/engines/embedded/state/sqlite-job-store.ts'
import { SqliteResultReader } from '#dataplane/engines/embedded/state/sqlite-result-reader.ts'
import type { Job, JobSpec } from '#dataplane/engines/engine.ts'
import { type AppPlan, type SourceNode, streamsOf } from '#language/plan/plan.ts'
import { resultOrder } from '#language/plan/result-order.ts'
import { applyBadRecordPolicy } from '#services/runs/bad-record-policy.ts'
import type { Actual, ActualStream } from './expected-results.ts'
import type { ScenarioMark, ScenarioRecord, ScenarioStep } from './scenario.ts'

/** A history to feed to the product: what arrives on which stream, in order. */
export interface History {
  readonly plan: AppPlan
  readonly end: 'bounded' | 'as-stream' | 'open'
  readonly inputs: Readonly<Record<string, readonly ScenarioStep[]>>
}

/** Records that arrive together in one partition. */
interface Arrival {
  readonly stream: string
  readonly partition: number
  readonly arrivalMs: number
  readonly records: readonly ScenarioRecord[]
  /** Instead of records: the partition is marked idle. */
  readonly mark?: ScenarioMark
}

export interface DriverOptions {
  /** Where arrivals are cut into batches: how many of `remaining` records go into the next one. All by default. */
  readonly cut?: (remaining: number) => number
  /** Whether the job takes a step after an arrival. Always by default. */
  readonly stepAfter?: () => boolean
  /** The order of arrivals, as long as it stays the same within each partition. */
  readonly interleave?: (arrivals: readonly Arrival[]) => readonly Arrival[]
  readonly segmentBytesMax?: number
  readonly rebuild?: JobSpec['rebuild']
  readonly stateMemoryBytes?: number
  /** Opens what keeps the job, at this path. A file by itself by default. */
  readonly openStore?: (path: string) => JobStore | Promise<JobStore>
}

const LATENESS = { bounded: 'none', 'as-stream': 'as-stream', open: 'watermark' } as const

/**
 * The product as one process has it: local log, embedded engine, one folder. Feeding is a producer with sequence numbers, so a driver that
 * is opened again on the same folder feeds the whole history once more and nothing counts twice.
 */
export class EmbeddedDriver {
  readonly #history: History
  readonly #folder: string
  readonly #options: DriverOptions
  readonly #broker: LocalBroker
  readonly #logs = new Map<string, StreamLog>()
  readonly #ambiguousTimes = new Map<string, number>()
  #job: Job | null = null

  private constructor(history: History, folder: string, options: DriverOptions) {
    this.#history = history
    this.#folder = folder
    this.#options = options
    this.#broker = new LocalBroker({
      folder: join(folder, 'log'),
      ...(options.segmentBytesMax !== undefined && { segmentBytesMax: options.segmentBytesMax }),
    })
  }

  /** Opens the folder, feeds the history, lets the job follow and end. The caller closes it, whatever happened. */
  static open(history: History, folder: string, options: DriverOptions = {}): EmbeddedDriver {
    return new EmbeddedDriver(history, folder, options)
  }

  async run(): Promise<void> {
    await this.#openAll()
    const producers = await this.#openProducers()
    const arrivals = this.#arrivals()
    for (const arrival of this.#options.interleave?.(arrivals) ?? arrivals) await this.#feed(arrival, producers)
    while (await this.#job!.step());
    if (this.#history.end !== 'open') await this.#job!.finish()
  }

  async #openAll(): Promise<void> {
    const partitions = partitionsOf(this.#history.inputs)
    for (const [stream, { schema, eventTime }] of streamsOf(this.#history.plan)) {
      const topic = `${this.#history.plan.name}_${stream}`
      this.#logs.set(
        stream,
        await this.#broker.openStream({ topic, schema, eventTime, partitions: partitions.get(stream) ?? 1 }),
      )
    }
    const { rebuild, stateMemoryBytes, openStore = (path) => new SqliteJobStore(path) } = this.#options
    const engine = new EmbeddedEngine(() => openStore(join(this.#folder, 'job.db')))
    this.#job = await engine.openJob({
      plan: this.#history.plan,
      streams: this.#logs,
      lateness: LATENESS[this.#history.end],
      ...(rebuild !== undefined && { rebuild }),
      ...(stateMemoryBytes !== undefined && { stateMemoryBytes }),
    })
  }

  async #openProducers(): Promise<Map<string, Producer>> {
    const producers = new Map<string, Producer>()
    for (const [stream, source] of streamsOf(this.#history.plan)) {
      const session = await this.#logs.get(stream)!.openProducer('driver')
      producers.set(stream, {
        session,
        source,
        decoder: createJsonDecoder(source),
        sent: session.nextSequences.map(() => 0),
      })
    }
    return producers
  }

  #arrivals(): readonly Arrival[] {
    const arrivals: Arrival[] = []
    for (const [stream, steps] of Object.entries(this.#history.inputs)) {
      for (const { records, marks = [] } of steps) {
        for (const group of groupsOf(records)) arrivals.push({ stream, ...group })
        for (const mark of marks) arrivals.push({ stream, partition: mark.partition, arrivalMs: 0, records: [], mark })
      }
    }
    return arrivals
  }

  async #feed(arrival: Arrival, producers: ReadonlyMap<string, Producer>): Promise<void> {
    if (arrival.mark !== undefined) return this.#mark(arrival.stream, arrival.mark)
    const { decoder, session, source, sent } = producers.get(arrival.stream)!
    for (const { bytes } of arrival.records) {
      decoder.write(bytes)
      decoder.write(NEWLINE)
    }
    const skew = this.#history.end === 'bounded' ? null : source.maxFutureSkewMs
    while (decoder.pending > 0) {
      const decoded = decoder.take(this.#options.cut?.(decoder.pending) ?? decoder.pending, {
        arrivalMs: arrival.arrivalMs,
        maxFutureSkewMs: skew,
      })!
      const baseSequence = sent[arrival.partition]!
      const kept = applyBadRecordPolicy(decoded, source.badRecords, {
        stream: arrival.stream,
        partition: arrival.partition,
        firstOffset: baseSequence,
      })
      await this.#logs.get(arrival.stream)!.append({
        partition: arrival.partition,
        decoded: kept,
        arrivalMs: arrival.arrivalMs,
        producer: { producerId: session.producerId, epoch: session.epoch, baseSequence },
      })
      sent[arrival.partition] = baseSequence + decoded.received
      this.#ambiguousTimes.set(arrival.stream, (this.#ambiguousTimes.get(arrival.stream) ?? 0) + decoded.ambiguousTimes)
      if (this.#options.stepAfter?.() ?? true) await this.#job!.step()
    }
  }

  async #mark(stream: string, { partition, eventTime }: ScenarioMark): Promise<void> {
    await this.#logs.get(stream)!.markIdle(partition, eventTime)
    if (this.#options.stepAfter?.() ?? true) await this.#job!.step()
  }

  /** Results and counts as the product's own readers see them. */
  async results(): Promise<Actual> {
    const streams: Record<string, ActualStream> = {}
    for (const [stream, log] of this.#logs)
      streams[stream] = await streamCounts(log, this.#ambiguousTimes.get(stream) ?? 0)
    return { queries: this.#queryResults(), streams }
  }

  #queryResults(): Actual['queries'] {
    const reader = new SqliteResultReader(join(this.#folder, 'job.db'))
    try {
      const results = this.#history.plan.queries.map(({ name, output }) => {
        const rows = [...reader.rows(name)].sort(resultOrder(output))
        const lateRecords = [...reader.late(name)].map(({ partition, offset, windows }) => ({
          partition,
          offset,
          windows,
        }))
        return [
          name,
          {
            rows: rows.map(({ row }) => row),
            keys: rows.map(({ key }) => key),
            late: reader.lateRecords(name),
            lateRecords,
          },
        ] as const
      })
      return Object.fromEntries(results)
    } finally {
      reader.close()
    }
  }

  /** Lets go of everything without finishing anything, as the end of the process would. */
  async close(): Promise<void> {
    await this.#job?.close()
    await this.#broker.close()
  }
}

interface Producer {
  readonly session: ProducerSession
  readonly source: SourceNode
  readonly decoder: Decoder
  readonly sent: number[]
}

const NEWLINE = new Uint8Array([0x0a])

function partitionsOf(inputs: History['inputs']): ReadonlyMap<string, number> {
  return new Map(
    Object.entries(inputs).map(([stream, steps]) => [
      stream,
      1 + Math.max(0, ...steps.flatMap(({ records }) => records.map(({ partition }) => partition))),
    ]),
  )
}

/** Runs of records of one step with the same partition and arrival. */
function groupsOf(records: readonly ScenarioRecord[]): readonly Omit<Arrival, 'stream'>[] {
  const groups: { partition: number; arrivalMs: number; records: ScenarioRecord[] }[] = []
  for (const record of records) {
    const last = groups.at(-1)
    if (last !== undefined && last.partition === record.partition && last.arrivalMs === record.arrival)
      last.records.push(record)
    else groups.push({ partition: record.partition, arrivalMs: record.arrival, records: [record] })
  }
  return groups
}

async function streamCounts(log: StreamLog, ambiguousTimes: number): Promise<ActualStream> {
  let [read, accepted] = [0, 0]
  const deadLetters: { partition: number; offset: number; code: string; field: string | null }[] = []
  for (let partition = 0; partition < log.spec.partitions; partition++) {
    const { start, end } = await log.bounds(partition)
    read += end - start
    for (let offset = start; offset < end; )
      for (const { received, batch } of await log.read(partition, offset, Number.POSITIVE_INFINITY)) {
        accepted += batch.rows
        offset += received
      }
    for (const { offset, rejection } of await log.deadLetters(partition))
      deadLetters.push({ partition, offset, code: rejection.code, field: rejection.field })
  }
  return { read, accepted, rejected: read - accepted, ambiguousTimes, deadLetters }
}
