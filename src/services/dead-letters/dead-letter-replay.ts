import type { DeadLetter, StreamLog } from '#dataplane/brokers/broker.ts'
import type { LoggedBatch, RecordBatch, Rejection } from '#dataplane/records/record-batch.ts'
import type { Clock } from '#foundation/time/clock.ts'
import { eventsHandled } from '#foundation/time/timers.ts'
import { sourceOf, streamsOf } from '#language/plan/plan.ts'
import type { App } from '#language/query/app.ts'
import type { Platform } from '../runs/platform.ts'
import type { EditedRecord } from './dead-letter-document.ts'
import { parseRenames, renameFields } from './field-renames.ts'
import { type Candidate, RepairDecoder, type Repaired } from './repair-decoder.ts'
import { type DeadLetterSelection, deadLetterAt, selectedDeadLetters } from './selected-dead-letters.ts'

export interface ReplayRequest {
  readonly select: DeadLetterSelection
  /** Rules such as `x_*=*`. */
  readonly renames: readonly string[]
  /** Records that were edited; when there are some, only they are replayed. */
  readonly records: readonly EditedRecord[]
  /** Whether records go where they were rejected, and the queries are computed anew. Otherwise they are appended, arriving now. */
  readonly rebuild: boolean
  /** Say what would happen, and change nothing. */
  readonly dryRun: boolean
}

/** What a replay did, or would do. */
export interface ReplayReport {
  readonly dryRun: boolean
  readonly rebuild: boolean
  /** Dead letters that were meant and had not been replayed before. */
  readonly selected: number
  readonly replayedBefore: number
  /** Those that are right now: replayed unless this is a dry run. */
  readonly repaired: number
  readonly stillRejected: readonly StillRejected[]
  /** For each query of the stream how many of them will be late; null for a rebuild, which puts them where they belong. */
  readonly late: Readonly<Record<string, number>> | null
  /** Queries that a rebuild computes anew. */
  readonly rebuilt: readonly string[]
}

export interface StillRejected extends Rejection {
  readonly count: number
  /** Offset of one of them. */
  readonly offset: number
}

interface ReplaySpec {
  readonly app: App
  readonly stream: string
  readonly log: StreamLog
  readonly platform: Platform
  readonly clock: Clock
  /** Folder of the app's data, for the engine. */
  readonly folder: string
  /** The log has grown. */
  appended(): void
}

/**
 * Decodes dead letters once more, with fields renamed or as a person edited them, and brings those that are right now into the log. It works in
 * pieces, and lets what came in meanwhile go first after each.
 */
export class DeadLetterReplay {
  readonly #spec: ReplaySpec
  readonly #request: ReplayRequest
  readonly #edited: ReadonlyMap<number, EditedRecord>
  readonly #rename: (name: string) => string
  readonly #decoder: RepairDecoder
  readonly #stillRejected = new Map<string, StillRejected>()
  readonly #late = new Map<string, number>()
  #selected = 0
  #replayedBefore = 0
  #repaired = 0
  /** Greatest event time that the records of a dry run would have reached. */
  #reached = Number.NEGATIVE_INFINITY

  private constructor(spec: ReplaySpec, request: ReplayRequest) {
    this.#spec = spec
    this.#request = request
    this.#edited = new Map(request.records.map((record) => [record.offset, record]))
    this.#rename = parseRenames(request.renames)
    const { maxFutureSkewMs } = streamsOf(spec.app.plan).get(spec.stream)!
    this.#decoder = new RepairDecoder(
      (format) => spec.platform.createDecoder(spec.app, spec.stream, format),
      // Where it was rejected it arrived when it did; appended, it arrives now.
      ({ arrivalMs }) => ({ arrivalMs: request.rebuild ? arrivalMs : spec.clock.nowMs(), maxFutureSkewMs }),
    )
  }

  /** @throws MSB_REPLAY_INVALID, MSB_NOT_FOUND for an offset that has no dead letter; nothing is replayed then */
  static async run(spec: ReplaySpec, request: ReplayRequest): Promise<ReplayReport> {
    const replay = new DeadLetterReplay(spec, request)
    const offsets = request.records.length > 0 ? [...replay.#edited.keys()] : request.select.offsets
    for (const offset of offsets ?? []) await deadLetterAt(spec.log, request.select.partition, offset)
    const selection = offsets === undefined ? request.select : { ...request.select, offsets }
    const { start, end } = await spec.log.bounds(request.select.partition)
    for await (const letters of selectedDeadLetters(spec.log, selection, { from: start, to: end })) {
      await replay.#replay(letters)
      await eventsHandled()
    }
    return replay.#report()
  }

  async #replay(letters: readonly DeadLetter[]): Promise<void> {
    const open = letters.filter(({ replay }) => replay === null)
    this.#selected += open.length
    this.#replayedBefore += letters.length - open.length
    const repaired = this.#decoder.decode(open.map((letter) => this.#candidate(letter)))
    this.#countRejected(repaired.rejected)
    const { batch, letters: offsets } = repaired
    if (batch === null) return
    if (!this.#request.rebuild) await this.#countLate(batch)
    const { log, clock } = this.#spec
    const records = { partition: this.#partition, letters: offsets, batch, nowMs: clock.nowMs() }
    const { replayed, replayedBefore } = this.#request.dryRun
      ? { replayed: offsets.length, replayedBefore: 0 }
      : await (this.#request.rebuild ? log.placeRepaired(records) : log.appendRepaired(records))
    this.#repaired += replayed
    this.#selected -= replayedBefore
    this.#replayedBefore += replayedBefore
    if (!this.#request.dryRun) this.#spec.appended()
  }

  get #partition(): number {
    return this.#request.select.partition
  }

  #candidate(letter: DeadLetter): Candidate {
    return { letter, ...renameFields(this.#edited.get(letter.offset) ?? letter, this.#rename) }
  }

  #countRejected(rejected: Repaired['rejected']): void {
    for (const { offset, rejection } of rejected) {
      const reason = JSON.stringify([rejection.code, rejection.field, rejection.expected])
      const known = this.#stillRejected.get(reason) ?? { ...rejection, offset, count: 0 }
      this.#stillRejected.set(reason, { ...known, count: known.count + 1 })
    }
  }

  /** As the queries will see the records when they come at the end of the log. */
  async #countLate(batch: RecordBatch): Promise<void> {
    const { app, stream, log, platform, folder, clock } = this.#spec
    const { end, maxEventTime } = await log.bounds(this.#partition)
    const logged: LoggedBatch = {
      partition: this.#partition,
      baseOffset: end,
      endOffset: end + batch.rows,
      received: batch.rows,
      arrivalMs: clock.nowMs(),
      maxEventTimeBefore: Math.max(maxEventTime, this.#reached),
      minEventTime: batch.eventTimes.reduce((a, b) => Math.min(a, b)),
      maxEventTime: batch.eventTimes.reduce((a, b) => Math.max(a, b)),
      batch,
    }
    this.#reached = Math.max(this.#reached, logged.maxEventTime)
    for (const [query, late] of platform.openEngine(folder).lateRecords(app.plan, stream, logged))
      this.#late.set(query, (this.#late.get(query) ?? 0) + late)
  }

  #report(): ReplayReport {
    const { rebuild, dryRun } = this.#request
    const { app, stream } = this.#spec
    const queries = app.plan.queries.filter(({ output }) => sourceOf(output).stream === stream).map(({ name }) => name)
    return {
      dryRun,
      rebuild,
      selected: this.#selected,
      replayedBefore: this.#replayedBefore,
      repaired: this.#repaired,
      stillRejected: [...this.#stillRejected.values()].sort((a, b) => b.count - a.count),
      late: rebuild ? null : Object.fromEntries(queries.map((query) => [query, this.#late.get(query) ?? 0])),
      rebuilt: rebuild && this.#repaired > 0 ? queries : [],
    }
  }
}
