import type { StreamReader } from '#dataplane/brokers/broker.ts'
import type { Job, JobCommit, JobStatus, StreamPosition } from '#dataplane/engines/engine.ts'
import { serveThread } from '#foundation/threads/thread.ts'
import type { Clock } from '#foundation/time/clock.ts'
import { eventsHandled } from '#foundation/time/timers.ts'
import { type Platform, topicOf } from '../runs/platform.ts'
import type { AppFolder } from './app-folder.ts'
import { JobCounters, type JobFigures } from './job-counters.ts'

/** What a job tells the main thread after each commit. */
export interface CommittedEvent {
  readonly commit: Omit<JobCommit, 'read'>
  readonly status: JobStatus
}

/** What the thread of a job offers. */
export type JobMethods = {
  /** Answers once the job has begun: what was to be forgotten is forgotten. */
  ready(argument: undefined): Promise<JobStatus>
  wake(argument: undefined): void
  figures(argument: undefined): JobFigures
  /** Brings the state onto the disk, and answers up to where the job needs the logs even if the power goes. */
  checkpoint(argument: undefined): readonly StreamPosition[]
  close(argument: undefined): Promise<void>
}

/** The thread of an app's job: follows the logs that the ingest thread writes, and owns the state file. */
export class JobThread {
  readonly #job: Job
  readonly #readers: readonly StreamReader[]
  /** The first step is done. */
  readonly #begun = Promise.withResolvers<JobStatus>()
  #wanted = false
  #running: Promise<void> | null = null
  #closing = false

  private constructor(job: Job, readers: readonly StreamReader[]) {
    this.#job = job
    this.#readers = readers
  }

  static async start(folder: AppFolder, platform: Platform, clock: Clock): Promise<void> {
    const { app, pending } = folder.read()
    const readers = await platform.openLogReaders(folder.path)
    const streams = new Map<string, StreamReader>()
    for (const stream of Object.keys(app.streams))
      streams.set(stream, readers.find(({ spec }) => spec.topic === topicOf(app.plan, stream))!)
    const counters = new JobCounters(clock)
    let send: (event: CommittedEvent) => void = () => {}
    const job: Job = await platform.openEngine(folder.path).openJob({
      plan: app.plan,
      streams,
      lateness: 'watermark',
      ...pending,
      onCommitBegun: () => counters.commitBegun(),
      onCommit: (commit) => {
        const { status } = job
        counters.committed(commit, status)
        const { position, changes } = commit
        send({ commit: { position, changes }, status })
      },
    })
    counters.begin(job.status)
    const thread = new JobThread(job, readers)
    send = serveThread<CommittedEvent>({
      ready: () => thread.#begun.promise,
      wake: () => thread.#wake(),
      figures: () => counters.figures,
      checkpoint: () => {
        job.checkpoint()
        return job.durablePositions
      },
      close: () => thread.#close(),
    } satisfies JobMethods)
    thread.#wake()
  }

  /** Reads until nothing is unread; a wake-up in the meantime makes it look once more. An error ends the thread. */
  #wake(): void {
    this.#wanted = true
    this.#running ??= this.#follow().finally(() => {
      this.#running = null
    })
  }

  async #follow(): Promise<void> {
    while (this.#wanted && !this.#closing) {
      this.#wanted = false
      // Between two steps the main thread is heard.
      while (!this.#closing && (await this.#step())) await eventsHandled()
    }
  }

  async #step(): Promise<boolean> {
    const hasRead = await this.#job.step()
    this.#begun.resolve(this.#job.status)
    return hasRead
  }

  async #close(): Promise<void> {
    this.#closing = true
    await this.#running
    await this.#job.close()
    for (const reader of this.#readers) await reader.close()
  }
}
