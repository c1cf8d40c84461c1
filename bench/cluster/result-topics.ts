import { setTimeout as delay } from 'node:timers/promises'
import { CommittedFetch } from '#dataplane/brokers/kafka/committed-fetch.ts'
import type { KafkaConnection } from '#dataplane/brokers/kafka/connection.ts'
import { queryOf, type ResultRow, type ResultRows, rowKey } from '../expected/result-row.ts'
import { machineMs } from '../measuring/machine-clock.ts'
import { fourQueries } from '../workload/trip-queries.ts'

/** A topic of results, of one partition, and what its messages mean. */
export interface ResultTopic {
  readonly topic: string
  /** @param value of a message */
  rowOf(value: string): ResultRow
}

/** The query that counts every record, whatever is late: by it is known how far an engine is. */
export const COUNTING_QUERY = 'tripsTotal'

const FETCH_BYTES = 4 * 2 ** 20
const FETCH_WAIT_MS = 100
const QUIET_POLL_MS = 100

/** When a running total reached a count. */
interface Step {
  readonly count: number
  readonly atMs: number
}

/** Follows committed results as a consumer of another program would, and knows when each record was counted in them. */
export class CountingFollower {
  readonly #steps: Step[] = [{ count: 0, atMs: Number.NEGATIVE_INFINITY }]
  readonly #countByWindow = new Map<number, number>()
  readonly #results: ResultTopic
  readonly #fetch: CommittedFetch
  readonly #reading: Promise<void>
  #awaited = Promise.withResolvers<void>()
  #closed = false

  private constructor(results: ResultTopic, fetch: CommittedFetch) {
    this.#results = results
    this.#fetch = fetch
    this.#reading = this.#read()
    // What fails while nobody waits is met by who waits next.
    this.#reading.catch(() => {})
  }

  /** @param results the topic in which the counting query's rows are */
  static async open(connection: KafkaConnection, results: ResultTopic): Promise<CountingFollower> {
    return new CountingFollower(results, await CommittedFetch.open(connection, results.topic))
  }

  get count(): number {
    return this.#steps.at(-1)!.count
  }

  /**
   * Resolves when so many records are counted, with the moment.
   * @param giveUp is asked now and then, and says why there is no use in waiting any more; null to go on
   */
  async reached(count: number, giveUp: () => string | null): Promise<number> {
    while (this.count < count) {
      const reason = giveUp()
      if (reason !== null) throw new Error(`${this.count} of ${count} records are counted: ${reason}`)
      await Promise.race([this.#awaited.promise, this.#reading])
    }
    return this.seenAtMs(count)
  }

  /** When the k-th record, counted from 1, was seen in a committed result; ms of the machine's clock, Infinity where it was not. */
  seenAtMs(k: number): number {
    let [low, high] = [0, this.#steps.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#steps[middle]!.count < k) low = middle + 1
      else high = middle
    }
    return this.#steps[low]?.atMs ?? Number.POSITIVE_INFINITY
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#reading.catch(() => {})
    await this.#fetch.close()
  }

  async #read(): Promise<void> {
    for (let fromOffset = 0; !this.#closed; ) {
      const fetched = await this.#fetch.fetch({
        partition: 0,
        fromOffset,
        maxBytes: FETCH_BYTES,
        maxWaitMs: FETCH_WAIT_MS,
      })
      fromOffset = fetched.nextOffset
      const atMs = machineMs()
      for (const { value } of fetched.records)
        if (value !== null) this.#see(this.#results.rowOf(value.toString()), atMs)
      this.#awaited.resolve()
      this.#awaited = Promise.withResolvers<void>()
    }
  }

  #see([query, windowStartMs, , count]: ResultRow, atMs: number): void {
    if (query !== COUNTING_QUERY) return
    this.#countByWindow.set(windowStartMs, count!)
    const total = [...this.#countByWindow.values()].reduce((sum, one) => sum + one, 0)
    // An engine that counted a record twice and took that back would go down: the moment that counts is the last one.
    while (this.#steps.at(-1)!.count >= total && this.#steps.length > 1) this.#steps.pop()
    this.#steps.push({ count: total, atMs })
  }
}

export interface WrittenRows {
  readonly rows: ResultRows
  /** Messages of queries in mode append beyond the first of each row: exactly once means none. */
  readonly appendedAgain: number
}

const appending = new Set(fourQueries.filter(({ mode }) => mode === 'append').map(({ name }) => name))

/** All committed rows of these topics, read until nothing has come for a while. */
export async function readResultRows(
  connection: KafkaConnection,
  topics: readonly ResultTopic[],
  quietMs: number,
): Promise<WrittenRows> {
  const rows = new Map<string, readonly (number | null)[]>()
  let appendedAgain = 0
  for (const found of await Promise.all(topics.map((results) => rowsIn(connection, results, quietMs)))) {
    for (const [query, windowStartMs, group, ...values] of found) {
      const key = rowKey(query, windowStartMs, group)
      if (rows.has(key) && appending.has(queryOf(key))) appendedAgain++
      rows.set(key, values)
    }
  }
  return { rows, appendedAgain }
}

async function rowsIn(
  connection: KafkaConnection,
  { topic, rowOf }: ResultTopic,
  quietMs: number,
): Promise<readonly ResultRow[]> {
  const fetch = await CommittedFetch.open(connection, topic)
  const rows: ResultRow[] = []
  try {
    let [fromOffset, changedMs] = [0, machineMs()]
    for (;;) {
      for await (const { offset, value } of fetch.readToEnd(0, fromOffset)) {
        fromOffset = offset + 1
        changedMs = machineMs()
        if (value !== null) rows.push(rowOf(value.toString()))
      }
      if (machineMs() - changedMs >= quietMs) return rows
      await delay(QUIET_POLL_MS)
    }
  } finally {
    await fetch.close()
  }
}
