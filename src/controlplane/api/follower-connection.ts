import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { delay, eventsHandled, every } from '#foundation/time/timers.ts'
import type { LiveResults } from '#services/live/live-results.ts'
import type { FollowerNews, QueryFollower } from '#services/live/query-follower.ts'
import { type KeyedText, rowLine } from '../rows/row-line.ts'

/** A query that a connection follows. */
export interface FollowedQuery {
  readonly app: string
  readonly results: LiveResults
  readonly follower: QueryFollower
  /** Id of the last event, as text; empty before the first. */
  id: string
}

/** After which pause a browser opens a lost connection again. */
const RETRY_MS = 1000
const KEEP_ALIVE_MS = 15_000
/** A snapshot holds a read transaction, and the state file cannot shrink meanwhile: a reader that takes nothing for so long is let go. */
const STALLED_MS = 30_000

/**
 * One connection that follows queries, as server-sent events. The id of an event says where each of its queries stands, in the order in which they
 * were asked for; pieces of a snapshot have none, so whoever loses the connection within one gets it anew.
 */
export class FollowerConnection {
  readonly #response: ServerResponse
  readonly #queries: readonly FollowedQuery[]
  readonly #closed = new AbortController()
  #news: PromiseWithResolvers<void> = Promise.withResolvers()

  constructor(response: ServerResponse, queries: readonly FollowedQuery[]) {
    this.#response = response
    this.#queries = queries
  }

  /** Sends until the other side goes away, stalls, or the results end. */
  async serve(): Promise<void> {
    this.#response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    this.#response.write(`retry: ${RETRY_MS}\n\n`)
    this.#response.on('close', () => this.#end())
    const stopListening = [...new Set(this.#queries.map(({ results }) => results))].map((results) =>
      results.listen(() => this.#news.resolve()),
    )
    const stopKeepingAlive = every(KEEP_ALIVE_MS, () => {
      if (!this.#response.writableNeedDrain) this.#response.write(': \n\n')
    })
    try {
      await this.#sendAll()
    } catch (error) {
      this.#sendProblem(error)
    } finally {
      stopKeepingAlive()
      for (const stop of stopListening) stop()
      for (const { follower } of this.#queries) follower.close()
      this.#response.end()
    }
  }

  #end(): void {
    this.#closed.abort()
    this.#news.resolve()
  }

  async #sendAll(): Promise<void> {
    for (;;) {
      this.#news = Promise.withResolvers()
      let sent = false
      for (const query of this.#queries) sent = (await this.#sendDue(query)) || sent
      if (this.#closed.signal.aborted || this.#queries.some(({ results }) => results.ended)) return
      if (!sent) await this.#news.promise
    }
  }

  /** One piece of what is due, or all of a snapshot. */
  async #sendDue(query: FollowedQuery): Promise<boolean> {
    let sent = false
    do {
      const news = this.#closed.signal.aborted ? undefined : query.follower.next()
      if (news === undefined) return sent
      sent = true
      await this.#write(this.#eventText(query, news))
    } while (query.follower.inSnapshot)
    return sent
  }

  /** Resolves when the other side has taken enough of it for more to be sent. */
  async #write(text: string): Promise<void> {
    if (this.#response.write(text)) return eventsHandled()
    while (this.#response.writableNeedDrain && !this.#closed.signal.aborted) {
      const drained = await this.#drainedWithin(STALLED_MS)
      if (!drained && this.#queries.some(({ follower }) => follower.inSnapshot)) this.#response.destroy()
    }
  }

  async #drainedWithin(ms: number): Promise<boolean> {
    const settled = new AbortController()
    const signal = AbortSignal.any([settled.signal, this.#closed.signal])
    const drained = once(this.#response, 'drain', { signal }).then(
      () => true,
      () => false,
    )
    try {
      return await Promise.race([drained, delay(ms, signal).then(() => false)])
    } finally {
      settled.abort()
    }
  }

  #eventText(query: FollowedQuery, news: FollowerNews): string {
    const about = `"app":${JSON.stringify(query.app)},"query":${JSON.stringify(query.follower.query)}`
    if (news.kind === 'snapshot')
      return `event: snapshot\ndata: {${about},"reset":${news.first},"rows":${rowsText(news.rows)}}\n\n`
    query.id = news.id
    const id = this.#queries.map((each) => each.id).join(',')
    const content =
      news.kind === 'snapshot-end'
        ? `"rowCount":${news.rowCount}`
        : `"rows":${rowsText(news.rows)},"removed":${JSON.stringify(news.removedKeys)}`
    return `id: ${id}\nevent: ${news.kind}\ndata: {${about},"id":"${query.id}",${content}}\n\n`
  }

  #sendProblem(error: unknown): void {
    if (this.#closed.signal.aborted) return
    const code = error instanceof MysimbdpError ? error.code : 'MSB_INTERNAL'
    const message = error instanceof Error ? error.message : String(error)
    this.#response.write(`event: problem\ndata: ${JSON.stringify({ code, message })}\n\n`)
  }
}

const rowsText = (rows: readonly KeyedText[]): string => `[${rows.map(rowLine).join(',')}]`
