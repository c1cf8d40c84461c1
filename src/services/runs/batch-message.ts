import type { Column, DecodedBatch, Dictionary } from '#dataplane/records/record-batch.ts'

/** A decoded batch on its way to another thread. */
export interface BatchMessage {
  readonly decoded: DecodedBatch
  /** In place of the dictionaries of its columns, which stay empty: which one it is, and what was added to it since the last message. */
  readonly dictionaries: readonly (DictionaryNews | null)[]
}

export interface DictionaryNews {
  readonly id: number
  readonly added: readonly string[]
}

/** The side of the thread that decodes: remembers what of each dictionary was told. */
export class BatchSender {
  readonly #told = new Map<Dictionary, { readonly id: number; entries: number }>()

  message(decoded: DecodedBatch): BatchMessage {
    const dictionaries = decoded.batch.columns.map((column) =>
      column.layout === 'dictionary' ? this.#newsOf(column.dictionary) : null,
    )
    const columns = decoded.batch.columns.map((column) =>
      column.layout === 'dictionary' ? { ...column, dictionary: { entries: [] } } : column,
    )
    return { decoded: { ...decoded, batch: { ...decoded.batch, columns } }, dictionaries }
  }

  #newsOf(dictionary: Dictionary): DictionaryNews {
    const told = this.#told.get(dictionary) ?? { id: this.#told.size, entries: 0 }
    this.#told.set(dictionary, told)
    const added = dictionary.entries.slice(told.entries)
    told.entries = dictionary.entries.length
    return { id: told.id, added }
  }
}

type DictionaryColumn = Extract<Column, { layout: 'dictionary' }>

/**
 * The side that receives. Each thread numbers texts as it meets them; here the texts of a column get numbers that are common to all threads, so that
 * what queries derived from codes holds from batch to batch.
 */
export class CommonDictionaries {
  readonly #columns: CommonDictionary[] = []

  /** For the batches of one thread. */
  ofThread(): DictionariesOfThread {
    return new TranslatedDictionaries((column) => (this.#columns[column] ??= new CommonDictionary()))
  }
}

class CommonDictionary {
  readonly dictionary: Dictionary = { entries: [] }
  readonly #codes = new Map<string, number>()

  codeOf(entry: string): number {
    const known = this.#codes.get(entry)
    if (known !== undefined) return known
    const code = this.dictionary.entries.push(entry) - 1
    this.#codes.set(entry, code)
    return code
  }
}

/** The dictionaries of a thread as far as they were told, by their numbers. */
export interface DictionariesOfThread {
  /** The column with what was added to its dictionary. Its codes may be overwritten. */
  receive(column: DictionaryColumn, news: DictionaryNews, columnIndex: number): DictionaryColumn
}

/** Of a thread that decodes alone: its numbers are kept. */
export class OwnDictionaries implements DictionariesOfThread {
  readonly #dictionaries: Dictionary[] = []

  receive({ codes }: DictionaryColumn, { id, added }: DictionaryNews): DictionaryColumn {
    const dictionary = (this.#dictionaries[id] ??= { entries: [] })
    for (const entry of added) dictionary.entries.push(entry)
    return { layout: 'dictionary', codes, dictionary }
  }
}

/** Of one thread among others. */
class TranslatedDictionaries implements DictionariesOfThread {
  readonly #ofColumn: (column: number) => CommonDictionary
  /** By number of a dictionary: the common code of each entry that was told. */
  readonly #commonCodes: number[][] = []

  constructor(ofColumn: (column: number) => CommonDictionary) {
    this.#ofColumn = ofColumn
  }

  /** Writes common codes in the place of those of the thread. */
  receive({ codes }: DictionaryColumn, { id, added }: DictionaryNews, columnIndex: number): DictionaryColumn {
    const common = this.#ofColumn(columnIndex)
    const commonCodes = (this.#commonCodes[id] ??= [])
    for (const entry of added) commonCodes.push(common.codeOf(entry))
    translate(codes, commonCodes)
    return { layout: 'dictionary', codes, dictionary: common.dictionary }
  }
}

function translate(codes: Int32Array, commonCodes: readonly number[]): void {
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!
    if (code >= 0) codes[row] = commonCodes[code]!
  }
}
