import type { FeedRecord } from './feed-record.ts'
import { RunFile, type RunReader } from './run-file.ts'

/** Text that is kept in memory before it is sorted and written to a file. */
const MEMORY_CHARACTERS = 64 * 1024 * 1024
/** What a record weighs besides its text. */
const RECORD_CHARACTERS = 100
const BATCH_RECORDS = 1024

/**
 * Sorts a feed by event time: stable, with bounded memory. A feed that fits in memory stays there; a longer one is written as sorted runs to a
 * temporary file and merged while it is read.
 *
 * Own runs instead of a table in SQLite: a sorted read of a table whose order is random is a random read of the whole file, an ordered index
 * writes every record several times, and the file needs no name here (see RunFile), so there is nothing to clean up after a kill.
 */
export class EventTimeSorter {
  readonly #memoryCharacters: number
  #file: RunFile | null = null
  #unsorted: FeedRecord[] = []
  #characters = 0

  constructor(memoryCharacters = MEMORY_CHARACTERS) {
    this.#memoryCharacters = memoryCharacters
  }

  /** Runs in the temporary file. */
  get spilledRuns(): number {
    return this.#file?.runs ?? 0
  }

  /** @throws MSB_DISK_FULL, MSB_STORAGE_FAILED */
  add(records: readonly FeedRecord[]): void {
    for (const record of records) {
      this.#unsorted.push(record)
      this.#characters += RECORD_CHARACTERS + (record.kind === 'readable' ? record.members : record.bytes).length
    }
    if (this.#characters >= this.#memoryCharacters) this.#spill()
  }

  /** All records in order, in pieces; from the beginning again each time it is asked. Nothing is added afterwards. */
  *sorted(): Iterable<readonly FeedRecord[]> {
    this.#unsorted.sort(byEventTime)
    if (this.#file === null) {
      for (let start = 0; start < this.#unsorted.length; start += BATCH_RECORDS)
        yield this.#unsorted.slice(start, start + BATCH_RECORDS)
      return
    }
    if (this.#unsorted.length > 0) this.#spill()
    yield* inBatches(merged(this.#file.readers()))
  }

  /** Never throws. */
  close(): void {
    this.#unsorted = []
    this.#file?.close()
    this.#file = null
  }

  #spill(): void {
    this.#file ??= new RunFile()
    this.#file.append(this.#unsorted.sort(byEventTime))
    this.#unsorted = []
    this.#characters = 0
  }
}

const byEventTime = (a: FeedRecord, b: FeedRecord): number =>
  a.eventTimeMs < b.eventTimeMs ? -1 : a.eventTimeMs > b.eventTimeMs ? 1 : 0

interface Head {
  readonly reader: RunReader
  readonly record: FeedRecord
}

/** Of equal event times the one from the earlier run comes first, which keeps the order of the input. */
function* merged(readers: readonly RunReader[]): Iterable<FeedRecord> {
  const heads: Head[] = []
  const insert = (reader: RunReader): void => {
    const record = reader.next()
    if (record !== null) heads.splice(placeIn(heads, { reader, record }), 0, { reader, record })
  }
  for (const reader of readers) insert(reader)
  for (let first = heads.shift(); first !== undefined; first = heads.shift()) {
    yield first.record
    insert(first.reader)
  }
}

function placeIn(heads: readonly Head[], head: Head): number {
  let [low, high] = [0, heads.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (comesBefore(heads[middle]!, head)) low = middle + 1
    else high = middle
  }
  return low
}

const comesBefore = (a: Head, b: Head): boolean => (byEventTime(a.record, b.record) || a.reader.run - b.reader.run) < 0

function* inBatches(records: Iterable<FeedRecord>): Iterable<readonly FeedRecord[]> {
  let batch: FeedRecord[] = []
  for (const record of records) {
    if (batch.push(record) < BATCH_RECORDS) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
