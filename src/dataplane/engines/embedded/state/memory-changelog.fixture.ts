import type { Changelog, ChangelogPart, CommittedChanges, KeyedChanges } from '../../../brokers/changelog.ts'

/** A changelog that forgets nothing and outlives those who write to it, as a broker does. */
export class MemoryChangelog {
  /** Each transaction, in order. */
  readonly committed: KeyedChanges[] = []
  /** Copies that come from before this many transactions have to begin again, as after a compaction. */
  forgotten = 0
  #owners = 0

  /** For one instance of a job. */
  opened(): Changelog {
    let owner = 0
    return {
      takeOver: async () => {
        owner = ++this.#owners
      },
      read: (places) => this.#read(places),
      write: async (changes: CommittedChanges) => {
        if (owner !== this.#owners) throw new Error('fenced')
        this.committed.push({ state: [...changes.state], results: [...changes.results] })
        return String(this.committed.length)
      },
      close: async () => {},
    }
  }

  async *#read(places: string | null): AsyncIterable<ChangelogPart> {
    const known = Number(places ?? 0)
    const restarted = known < this.forgotten || places === null
    const from = restarted ? 0 : known
    if (restarted) yield { restarted, state: [], results: [], places: '0' }
    for (let index = from; index < this.committed.length; index++)
      yield { restarted: false, ...this.committed[index]!, places: String(index + 1) }
  }
}
