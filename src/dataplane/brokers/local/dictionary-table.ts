import { crc32 } from 'node:zlib'
import type { Database, Statement } from '#foundation/sqlite/database.ts'
import type { Dictionary } from '../../records/record-batch.ts'
import { logDamaged } from './log-damage.ts'

interface DictionaryRow {
  readonly first_code: number
  readonly crc: number
  readonly entries: Uint8Array
}

/** What JSON puts around an entry. */
const ENTRY_BYTES = 3

interface Written {
  readonly epoch: number
  /** How many entries the segment holds. */
  length: number
}

/**
 * Dictionaries of one segment. A decoder owns a dictionary and lets it grow; each such object gets an epoch, a number of its own
 * in the segment, and its new entries are written with the batch that brings them. Reading gives one object for each epoch,
 * extended in place, so that whoever knows a dictionary may keep what it derived from its codes.
 */
export class DictionaryTable {
  readonly #file: string
  readonly #insert: Statement
  readonly #from: Statement<DictionaryRow>
  readonly #written = new WeakMap<Dictionary, Written>()
  readonly #read = new Map<number, Dictionary>()
  #nextEpoch: number

  constructor(database: Database) {
    this.#file = database.path
    this.#insert = database.prepare(
      'INSERT INTO dictionary (dictionary_epoch, first_code, crc, entries) VALUES (?, ?, ?, ?)',
    )
    this.#from = database.prepare<DictionaryRow>(
      'SELECT first_code, crc, entries FROM dictionary WHERE dictionary_epoch = ? AND first_code >= ? ORDER BY first_code',
    )
    // An epoch without entries leaves no row, and its number may come again: nothing refers to an entry of it.
    const last = database
      .prepare<{ epoch: number | null }>('SELECT max(dictionary_epoch) AS epoch FROM dictionary')
      .get()
    this.#nextEpoch = (last?.epoch ?? 0) + 1
  }

  /** The number under which batches of this segment refer to a dictionary. */
  epochOf(dictionary: Dictionary): number {
    return this.#writtenOf(dictionary).epoch
  }

  /** What the entries take that the segment lacks, about: in a new segment that is all of them. */
  newEntryBytes(dictionaries: Iterable<Dictionary>): number {
    let bytes = 0
    for (const dictionary of dictionaries)
      for (let code = this.#writtenOf(dictionary).length; code < dictionary.entries.length; code++)
        bytes += Buffer.byteLength(dictionary.entries[code]!) + ENTRY_BYTES
    return bytes
  }

  /** Writes the entries that the segment lacks, inside a transaction. The answer is to be called when that is committed. */
  writeNewEntries(dictionaries: Iterable<Dictionary>): () => void {
    const advances: (() => void)[] = []
    for (const dictionary of dictionaries) {
      const written = this.#writtenOf(dictionary)
      const { length } = dictionary.entries
      if (length === written.length) continue
      const entries = Buffer.from(JSON.stringify(dictionary.entries.slice(written.length)))
      this.#insert.run(written.epoch, written.length, crc32(entries), entries)
      advances.push(() => {
        written.length = length
      })
    }
    return () => {
      for (const advance of advances) advance()
    }
  }

  /** The dictionary of an epoch, with at least `length` entries. @throws MSB_LOG_DAMAGED */
  read(epoch: number, length: number, offset: number): Dictionary {
    const dictionary = this.#read.get(epoch) ?? { entries: [] }
    this.#read.set(epoch, dictionary)
    if (dictionary.entries.length < length) this.#extend(dictionary, epoch, offset)
    if (dictionary.entries.length < length)
      throw logDamaged(this.#file, offset, `the batch at offset ${offset} needs dictionary entries that are missing`)
    return dictionary
  }

  #extend(dictionary: Dictionary, epoch: number, offset: number): void {
    for (const row of this.#from.all(epoch, dictionary.entries.length)) {
      if (row.first_code !== dictionary.entries.length || row.crc !== crc32(row.entries)) {
        throw logDamaged(
          this.#file,
          offset,
          `dictionary entries that the batch at offset ${offset} may need do not match their checksum`,
        )
      }
      for (const entry of JSON.parse(Buffer.from(row.entries).toString()) as string[]) dictionary.entries.push(entry)
    }
  }

  #writtenOf(dictionary: Dictionary): Written {
    const known = this.#written.get(dictionary)
    if (known !== undefined) return known
    const written = { epoch: this.#nextEpoch++, length: 0 }
    this.#written.set(dictionary, written)
    return written
  }
}
