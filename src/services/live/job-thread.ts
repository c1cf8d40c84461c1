import type { StreamReader } from '#dataplane/brokers/broker.ts'
import type { CommittedChanges, Job, JobStatus } from '#dataplane/engines/engine.ts'
import { serveThread } from '#foundation/threads/thread.ts'
import type { App } from '#language/query/app.ts'
import { type Platform, topicOf } from '../runs/platform.ts'

/** What a job tells the main thread after each commit. */
export interface CommittedEvent {
  readonly changes: readonly CommittedChanges[]
  readonly status: JobStatus
}

/** The thread of an app's job: follows the logs that the ingest thread writes, and owns the state file. */
export class JobThread {
  readonly #job: Job
  #wanted = false
  #running = false

  private constructor(job: Job) {
    this.#job = job
  }

  static async start(
    app: App,
    folder: string,
    platform: Platform,
    rebuild: readonly string[] = [],
  ): Promise<JobThread> {
    const readers = await platform.openLogReaders(folder)
    const streams = new Map<string, StreamReader>()
    for (const stream of Object.keys(app.streams))
      streams.set(stream, readers.find(({ spec }) => spec.topic === topicOf(app.plan, stream))!)
    let send: (event: CommittedEvent) => void = () => {}
    const job: Job = await platform.openEngine(folder).openJob({
      plan: app.plan,
      streams,
      lateness: 'watermark',
      rebuild,
      onCommit: (changes) => send({ changes, status: job.status }),
    })
    const thread = new JobThread(job)
    send = serveThread<CommittedEvent>({
      wake: () => void thread.wake(),
      status: () => job.status,
      close: async () => {
        job.close()
        for (const reader of readers) await reader.close()
      },
    })
    return thread
  }

  /** Reads until nothing is unread; a wake-up in the meantime makes it look once more. */
  async wake(): Promise<void> {
    this.#wanted = true
    if (this.#running) return
    this.#running = true
    try {
      while (this.#wanted) {
        this.#wanted = false
        while (await this.#job.step());
      }
    } finally {
      this.#running = false
    }
  }
}
