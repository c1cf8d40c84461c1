import type { StreamDecoderOptions } from '#dataplane/decoding/decoder.ts'
import type { DecodedBatch } from '#dataplane/records/record-batch.ts'
import type { Source, SourcePart } from '#dataplane/sources/source.ts'
import { Thread } from '#foundation/threads/thread.ts'
import { type BatchMessage, CommonDictionaries, type DictionariesOfThread, OwnDictionaries } from './batch-message.ts'

/** Some thousand records: enough that messages between threads do not matter, few enough that all threads have work to the end. */
export const PART_BYTES = 4 * 1024 * 1024
/** Parts that a thread is given at once, so that it need not wait for the next. */
export const PARTS_AHEAD = 2

/** What a decoding thread offers. It is started with the options of its decoder. */
export type DecodingMethods = {
  /** Parts come in their order, with gaps. Dictionaries grow from part to part. The memory of an answer is used again for the next part but `PARTS_AHEAD`. */
  decode(part: SourcePart): readonly BatchMessage[]
}

/** One thread that decodes, and its dictionaries. */
class DecodingThread {
  readonly #thread: Thread<DecodingMethods, never>
  readonly #dictionaries: DictionariesOfThread

  constructor(entry: URL, options: StreamDecoderOptions, dictionaries: DictionariesOfThread) {
    this.#thread = new Thread(entry, options, { onEvent: () => {}, onEnd: () => {} })
    this.#dictionaries = dictionaries
  }

  /** What it answers must be received before the next answer. */
  decode(part: SourcePart): Promise<readonly BatchMessage[]> {
    return this.#thread.call('decode', part)
  }

  receive({ decoded, dictionaries }: BatchMessage): DecodedBatch {
    const columns = decoded.batch.columns.map((column, index) =>
      column.layout === 'dictionary' ? this.#dictionaries.receive(column, dictionaries[index]!, index) : column,
    )
    return { ...decoded, batch: { ...decoded.batch, columns } }
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
  const asked: Promise<readonly BatchMessage[]>[] = []
  const common = new CommonDictionaries()
  const dictionaries = () => (count === 1 ? new OwnDictionaries() : common.ofThread())
  const ask = (index: number): void => {
    const answer = threads[index % count]!.decode(parts[index]!)
    // It is looked at in its turn; until then nobody may call it unhandled.
    answer.catch(() => {})
    asked.push(answer)
  }
  try {
    while (threads.length < count) threads.push(new DecodingThread(entry, options, dictionaries()))
    while (asked.length < Math.min(parts.length, count * PARTS_AHEAD)) ask(asked.length)
    for (const [index, part] of parts.entries()) {
      const messages = await asked.shift()!
      const next = index + count * PARTS_AHEAD
      if (next < parts.length) ask(next)
      source.partRead(part)
      for (const message of messages) yield threads[index % count]!.receive(message)
    }
  } finally {
    await Promise.all(threads.map((thread) => thread.end()))
  }
}
