import type { CommittedChanges } from '#dataplane/engines/engine.ts'

/** Changes of one query's results that a commit made, with the place of the commit in the order of all. */
export interface ResultEvent extends CommittedChanges {
  /** `{start of the platform}-{sequence}`: an id of another start means that changes were missed, and a snapshot is due. */
  readonly id: string
}

type Listener = (event: ResultEvent) => void

/** Events kept for followers that come back. */
const KEPT_EVENTS = 256

/** Changes of results as they happen, for those who follow a query. */
export class LiveResults {
  readonly #generation: string
  readonly #listeners = new Map<string, Set<Listener>>()
  readonly #recent = new Map<string, ResultEvent[]>()
  #sequence = 0

  constructor(startedMs: number) {
    this.#generation = startedMs.toString(36)
  }

  /** Id of the newest event: a snapshot taken now has seen it. */
  get lastId(): string {
    return this.#idOf(this.#sequence)
  }

  publish(change: CommittedChanges): void {
    const event: ResultEvent = { ...change, id: this.#idOf(++this.#sequence) }
    const recent = this.#recent.get(change.query) ?? []
    recent.push(event)
    if (recent.length > KEPT_EVENTS) recent.shift()
    this.#recent.set(change.query, recent)
    for (const listener of this.#listeners.get(change.query) ?? []) listener(event)
  }

  /** The events after the one with this id; undefined when they are not all known any more: a snapshot is needed. */
  since(query: string, id: string): readonly ResultEvent[] | undefined {
    const [generation, sequenceText] = id.split('-')
    const sequence = Number(sequenceText)
    if (generation !== this.#generation || !Number.isInteger(sequence) || sequence > this.#sequence) return undefined
    const recent = this.#recent.get(query) ?? []
    const missed = recent.length === KEPT_EVENTS && this.#sequenceOf(recent[0]!) > sequence + 1
    return missed ? undefined : recent.filter((event) => this.#sequenceOf(event) > sequence)
  }

  /** Calls the listener for every change from now on, until the answer is called. */
  follow(query: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(query) ?? new Set()
    this.#listeners.set(query, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  #idOf(sequence: number): string {
    return `${this.#generation}-${sequence}`
  }

  #sequenceOf(event: ResultEvent): number {
    return Number(event.id.split('-')[1])
  }
}
