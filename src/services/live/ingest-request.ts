import type { SourceFormat } from '#dataplane/sources/source.ts'
import { randomId } from '#foundation/random/random-id.ts'
import { OneAtATime } from '#foundation/threads/one-at-a-time.ts'
import { delay } from '#foundation/time/timers.ts'
import type { IngestMethods } from './ingest-thread.ts'
import type { MessageBuffers } from './message-buffers.ts'
import type { IngestTotals, ProducerPosition } from './received-requests.ts'
import type { SupervisedThread } from './supervised-thread.ts'

export interface IngestRequestSpec {
  readonly stream: string
  readonly format: SourceFormat
  /** Null for records that are not numbered: they count again when they are sent again. */
  readonly producer: ProducerPosition | null
}

/** With so much waiting to be handed over the sender has to wait. */
const WAITING_BYTES_MAX = 512 * 1024
/** So long the end of a request is waited for. */
const PAUSE_MS = 10

/**
 * One request that brings records to the ingest thread. What comes within a moment is one message, with the end of the request if that came too: most
 * requests are a single one, and then need no decoder of their own.
 */
export class IngestRequest {
  readonly #id = randomId()
  readonly #spec: IngestRequestSpec
  readonly #ingest: SupervisedThread<IngestMethods, never>
  readonly #buffers: MessageBuffers
  readonly #messages = new OneAtATime()
  #totals: IngestTotals
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  /** Whether the thread knows of it. */
  #begun = false
  #failure: unknown = null

  constructor(spec: IngestRequestSpec, ingest: SupervisedThread<IngestMethods, never>, buffers: MessageBuffers) {
    this.#spec = spec
    this.#buffers = buffers
    this.#ingest = ingest
    this.#totals = { accepted: 0, rejected: 0, alreadyReceived: 0, nextSequence: spec.producer?.sequence ?? null }
  }

  /** What is in the log so far; after an error it is exact once the request was aborted. */
  get totals(): IngestTotals {
    return this.#totals
  }

  /**
   * Takes a piece, which is the request's from now on: its memory is given back. Where more waits than may, it answers when what was to be
   * written of it is in the log: that is the back-pressure.
   * @throws MSB_NOT_RUNNING and what appending throws, also for an earlier piece
   */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#failure !== null) throw this.#failure
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
    if (this.#waitingBytes >= WAITING_BYTES_MAX) await this.#handOver('write')
    else if (this.#waiting.length === 1) void this.#handOverSoon()
  }

  /** Answers when all records are in the log, synced. @throws as `write` */
  async end(): Promise<IngestTotals> {
    if (this.#failure !== null) throw this.#failure
    await this.#handOver('end')
    return this.#totals
  }

  async #handOverSoon(): Promise<void> {
    await delay(PAUSE_MS)
    try {
      if (this.#waiting.length > 0) await this.#handOver('write')
    } catch {
      // It is thrown by the next call.
    }
  }

  #handOver(method: 'write' | 'end'): Promise<void> {
    const joined = this.#buffers.join(this.#waiting, this.#waitingBytes)
    this.#waiting = []
    this.#waitingBytes = 0
    return this.#messages.run(async () => {
      let arrived = false
      try {
        if (this.#failure !== null) throw this.#failure
        const spec = this.#begun ? null : this.#spec
        this.#begun = true
        const bytes = this.#buffers.message(joined)
        this.#totals = await this.#ingest.call(method, { request: this.#id, spec, bytes })
        arrived = true
      } catch (error) {
        this.#failure = error
        throw error
      } finally {
        this.#buffers.giveBack(joined, { arrived })
      }
    })
  }

  /** What is in the log stays, the rest is forgotten. Never throws. */
  async abort(): Promise<void> {
    try {
      if (this.#failure === null && this.#waiting.length > 0) await this.#handOver('write')
    } catch {
      // What failed before, or does now, is why it is given up.
    }
    await this.#messages.run(() => this.#forget())
  }

  async #forget(): Promise<void> {
    if (!this.#begun) return
    try {
      this.#totals = (await this.#ingest.call('abort', this.#id)) ?? this.#totals
    } catch {
      // The thread is gone, and the request with it.
    }
  }
}
