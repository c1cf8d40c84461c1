import type { CommittedChanges } from '#dataplane/engines/engine.ts'

/** Changes of one query's results that a commit made, with the place of the commit in the order of all. */
export interface ResultEvent extends CommittedChanges {
  /** `{start of the platform and of its job}-{sequence}`: an id of another start means that changes were missed, and a snapshot is due. */
  readonly id: string
}

export interface Follower {
  onChange(event: ResultEvent): void
  /** Changes may have been missed: a snapshot is due. */
  onRestart(): void
}

/** Events kept for followers that come back. */
const KEPT_EVENTS = 256

/** Changes of results as they happen, for those who follow a query. */
export class LiveResults {
  readonly #startedMs: number
  #restarts = 0
  readonly #followers = new Map<string, Set<Follower>>()
  readonly #recent = new Map<string, ResultEvent[]>()
  #sequence = 0

  constructor(startedMs: number) {
    this.#startedMs = startedMs
  }

  /** Id of the newest event: a snapshot taken now has seen it. */
  get lastId(): string {
    return this.#idOf(this.#sequence)
  }

  /** The job began anew: a commit may have gone unheard, so followers need a snapshot, and ids given before are no place to go on from. */
  restart(): void {
    this.#restarts++
    this.#recent.clear()
    for (const followers of this.#followers.values()) for (const follower of followers) follower.onRestart()
  }

  publish(change: CommittedChanges): void {
    const event: ResultEvent = { ...change, id: this.#idOf(++this.#sequence) }
    const recent = this.#recent.get(change.query) ?? []
    recent.push(event)
    if (recent.length > KEPT_EVENTS) recent.shift()
    this.#recent.set(change.query, recent)
    for (const follower of this.#followers.get(change.query) ?? []) follower.onChange(event)
  }

  /** The events after the one with this id; undefined when they are not all known any more: a snapshot is needed. */
  since(query: string, id: string): readonly ResultEvent[] | undefined {
    const [generation, sequenceText] = id.split('-')
    const sequence = Number(sequenceText)
    if (generation !== this.#generation() || !Number.isInteger(sequence) || sequence > this.#sequence) return undefined
    const recent = this.#recent.get(query) ?? []
    const missed = recent.length === KEPT_EVENTS && this.#sequenceOf(recent[0]!) > sequence + 1
    return missed ? undefined : recent.filter((event) => this.#sequenceOf(event) > sequence)
  }

  /** Tells the follower of every change from now on, until the answer is called. */
  follow(query: string, follower: Follower): () => void {
    const followers = this.#followers.get(query) ?? new Set()
    this.#followers.set(query, followers.add(follower))
    return () => followers.delete(follower)
  }

  #generation(): string {
    return `${this.#startedMs.toString(36)}.${this.#restarts}`
  }

  #idOf(sequence: number): string {
    return `${this.#generation()}-${sequence}`
  }

  #sequenceOf(event: ResultEvent): number {
    return Number(event.id.split('-')[1])
  }
}
