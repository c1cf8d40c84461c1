import type { SourceFormat } from '#dataplane/sources/source.ts'
import type { IngestMethods } from './ingest-thread.ts'
import type { IngestTotals, ProducerPosition } from './received-requests.ts'
import type { SupervisedThread } from './supervised-thread.ts'

export interface IngestRequestSpec {
  readonly stream: string
  readonly format: SourceFormat
  /** Null for records that are not numbered: they count again when they are sent again. */
  readonly producer: ProducerPosition | null
}

/** One request that brings records to the ingest thread, piece by piece. */
export class IngestRequest {
  readonly #id: string
  readonly #ingest: SupervisedThread<IngestMethods, never>
  #totals: IngestTotals

  private constructor(id: string, totals: IngestTotals, ingest: SupervisedThread<IngestMethods, never>) {
    this.#id = id
    this.#totals = totals
    this.#ingest = ingest
  }

  /** @throws MSB_NOT_RUNNING */
  static async open(spec: IngestRequestSpec, ingest: SupervisedThread<IngestMethods, never>): Promise<IngestRequest> {
    const totals = { accepted: 0, rejected: 0, alreadyReceived: 0, nextSequence: spec.producer?.sequence ?? null }
    return new IngestRequest(await ingest.call('open', spec), totals, ingest)
  }

  /** What is in the log so far; after an error it is exact once the request was aborted. */
  get totals(): IngestTotals {
    return this.#totals
  }

  /** Takes a piece when what was to be written of the ones before is in the log: that is the back-pressure. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#totals = await this.#ingest.call('write', { request: this.#id, bytes })
  }

  /** Answers when all records are in the log, synced. */
  async end(): Promise<IngestTotals> {
    return (this.#totals = await this.#ingest.call('end', this.#id))
  }

  /** What is in the log stays, the rest is forgotten. Never throws. */
  async abort(): Promise<void> {
    try {
      this.#totals = (await this.#ingest.call('abort', this.#id)) ?? this.#totals
    } catch {
      // The thread is gone, and the request with it.
    }
  }
}
