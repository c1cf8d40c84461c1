import type { StreamDecoderOptions } from '#dataplane/decoding/decoder.ts'
import type { Column, DecodedBatch, Dictionary } from '#dataplane/records/record-batch.ts'
import type { Source, SourcePart } from '#dataplane/sources/source.ts'
import { Thread, type Transferred } from '#foundation/threads/thread.ts'

/** Some thousand records: enough that messages between threads do not matter, few enough that all threads have work to the end. */
export const PART_BYTES = 4 * 1024 * 1024
/** Parts that a thread is given at once, so that it need not wait for the next. */
const PARTS_AHEAD = 2

/** What a decoding thread offers. It is started with the options of its decoder. */
export type DecodingMethods = {
  /** Parts come in their order, with gaps. Dictionaries grow from part to part. */
  decode(part: SourcePart): Transferred<readonly BatchMessage[]>
}

/** A decoded batch on its way to another thread. */
export interface BatchMessage {
  readonly decoded: DecodedBatch
  /** In place of the dictionaries of its columns, which stay empty: which one it is, and what was added to it since the last message. */
  readonly dictionaries: readonly (DictionaryNews | null)[]
}

interface DictionaryNews {
  readonly id: number
  readonly added: readonly string[]
}

/** The side of the thread that decodes: remembers what of each dictionary was told. */
export class BatchSender {
  readonly #told = new Map<Dictionary, { readonly id: number; entries: number }>()

  /** @param decoded in memory of its own */
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

/** All memory of messages. */
export function memoryOf(messages: readonly BatchMessage[]): readonly ArrayBuffer[] {
  const buffers = messages.flatMap(({ decoded: { batch } }) => [
    ...batch.columns.flatMap(arraysOf),
    batch.eventTimes,
    ...(batch.positions === null ? [] : [batch.positions]),
  ])
  return [...new Set(buffers.map(({ buffer }) => buffer as ArrayBuffer))]
}

function arraysOf(column: Column): readonly ArrayBufferView[] {
  if (column.layout === 'dictionary') return [column.codes]
  const nulls = column.nulls === null ? [] : [column.nulls]
  return column.layout === 'text' ? [column.offsets, column.bytes, ...nulls] : [column.values, ...nulls]
}

/** One thread, and the dictionaries of its batches as far as they were told. */
class DecodingThread {
  readonly #thread: Thread<DecodingMethods, never>
  readonly #dictionaries: Dictionary[] = []

  constructor(entry: URL, options: StreamDecoderOptions) {
    this.#thread = new Thread(entry, options, { onEvent: () => {}, onEnd: () => {} })
  }

  async decode(part: SourcePart): Promise<readonly DecodedBatch[]> {
    return (await this.#thread.call('decode', part)).map((message) => this.#receive(message))
  }

  #receive({ decoded, dictionaries }: BatchMessage): DecodedBatch {
    const columns = decoded.batch.columns.map((column, index) =>
      column.layout === 'dictionary' ? { ...column, dictionary: this.#learn(dictionaries[index]!) } : column,
    )
    return { ...decoded, batch: { ...decoded.batch, columns } }
  }

  #learn({ id, added }: DictionaryNews): Dictionary {
    const dictionary = (this.#dictionaries[id] ??= { entries: [] })
    for (const entry of added) dictionary.entries.push(entry)
    return dictionary
  }

  end(): Promise<void> {
    return this.#thread.terminate()
  }
}

/**
 * Decodes parts in several threads and gives their batches in the order of the parts, so that what follows sees what it would see with one.
 * @throws MSB_INPUT_UNREADABLE
 */
export async function* decodeParts(
  source: Pick<Source, 'partRead'>,
  parts: readonly SourcePart[],
  options: StreamDecoderOptions,
  { entry, threads: count }: { readonly entry: URL; readonly threads: number },
): AsyncGenerator<DecodedBatch, void> {
  const threads: DecodingThread[] = []
  const asked: Promise<readonly DecodedBatch[]>[] = []
  let next = 0
  const ask = (): void => {
    const answer = threads[next % count]!.decode(parts[next]!)
    // It is looked at in its turn; until then nobody may call it unhandled.
    answer.catch(() => {})
    asked.push(answer)
    next++
  }
  try {
    while (threads.length < count) threads.push(new DecodingThread(entry, options))
    while (next < Math.min(parts.length, count * PARTS_AHEAD)) ask()
    for (const part of parts) {
      const batches = await asked.shift()!
      if (next < parts.length) ask()
      source.partRead(part)
      yield* batches
    }
  } finally {
    await Promise.all(threads.map((thread) => thread.end()))
  }
}
