import type { LoggedBatch, RejectedRecord } from '../records/record-batch.ts'

/**
 * Where a job's commits are kept outside this process, by a broker that has transactions: rows of results in their topics, entries of state in
 * one that keeps the last value of each key, and how far the input was read. Whoever has lost its own files reads all of it again from there.
 */
export interface Changelog {
  /**
   * Takes the job over: whoever wrote before is refused from now on, and what it had begun is settled. To be called before anything is read.
   * @throws MSB_KAFKA_UNREACHABLE
   */
  takeOver(): Promise<void>

  /**
   * What was committed behind `places`, of each key at least the last value, up to what is committed now. From the beginning
   * without places, and where what lies between is no longer there in full: `restarted` says so with the first part.
   */
  read(places: ChangelogPlaces | null): AsyncIterable<ChangelogPart>

  /**
   * Commits changes: all or none of them, and answers once they are. After an error it is not known which, and this changelog takes no more.
   * @throws MSB_KAFKA_FENCED when another instance has taken the job over
   */
  write(changes: CommittedChanges): Promise<ChangelogPlaces>

  close(): Promise<void>
}

/** How far a copy has come, as text that only the changelog reads. */
export type ChangelogPlaces = string

export interface ChangelogPart extends KeyedChanges {
  /** A copy that was made before is not to be gone on with. */
  readonly restarted: boolean
  readonly places: ChangelogPlaces
}

/** By key; null removes it. */
export interface KeyedChanges {
  readonly state: readonly StateEntry[]
  readonly results: readonly ResultEntry[]
}

export interface StateEntry {
  readonly key: string
  readonly value: Uint8Array | null
}

export interface ResultEntry {
  readonly query: string
  /** Result key (semantics 6.3). */
  readonly key: string
  /** JSON text (semantics 6.1). */
  readonly row: string | null
}

export interface CommittedChanges {
  readonly state: Iterable<StateEntry>
  readonly results: Iterable<ResultEntry>
  /** Dead letters of what was read. */
  readonly rejected: readonly RejectedInput[]
  /** Offset of the next record of each partition, for those who watch how far the job is behind; what they see may lag behind what is committed. */
  readonly positions: readonly { readonly stream: string; readonly partition: number; readonly offset: number }[]
}

/** A record that was rejected as it was read. */
export interface RejectedInput {
  readonly stream: string
  /** Where it was read; its offset is `baseOffset + record.position`. */
  readonly batch: Pick<LoggedBatch, 'partition' | 'baseOffset' | 'arrivalMs'>
  readonly record: RejectedRecord
}
