import type { RejectedDocument } from '../../records/rejected-document.ts'
import type { DeadLetter, DeadLetterCount, Replay } from '../broker.ts'
import { CommittedFetch } from './committed-fetch.ts'
import type { KafkaConnection } from './connection.ts'
import { base64Of, bytesOf, formatDocumentOf, formatOf } from './format-document.ts'
import { deadLettersTopicOf } from './topic-names.ts'
import type { KafkaMessage } from './transactional-producer.ts'

/** A message of the dead-letter topic, in the partition of the record it is about. */
type Document = RejectedDocument | { readonly kind: 'replayed'; readonly letter: number; readonly replay: Replay }

/**
 * Keeps a rejected record. Whoever reads the stream sends it in the transaction that commits how far it has read, so that it is
 * there once; `topic` is the stream's.
 */
export const deadLetterMessage = (topic: string, letter: Omit<DeadLetter, 'replay'>): KafkaMessage =>
  messageOf(topic, letter.partition, {
    kind: 'rejected',
    offset: letter.offset,
    arrivalMs: letter.arrivalMs,
    rejection: letter.rejection,
    raw: base64Of(letter.raw),
    rawLength: letter.rawLength,
    format: formatDocumentOf(letter.format),
  })

/** Says that the record rejected at offset `letter` has come back. */
export const replayMessage = (topic: string, partition: number, letter: number, replay: Replay): KafkaMessage =>
  messageOf(topic, partition, { kind: 'replayed', letter, replay })

const messageOf = (topic: string, partition: number, document: Document): KafkaMessage => ({
  topic: deadLettersTopicOf(topic),
  partition,
  key: null,
  value: Buffer.from(JSON.stringify(document)),
})

/** Reads the dead letters of a stream. They are few; each question reads the partition's through. */
export class DeadLetterReader {
  readonly #fetch: CommittedFetch

  constructor(fetch: CommittedFetch) {
    this.#fetch = fetch
  }

  static async open(connection: KafkaConnection, topic: string): Promise<DeadLetterReader> {
    return new DeadLetterReader(await CommittedFetch.open(connection, deadLettersTopicOf(topic)))
  }

  /** In offset order, from `fromOffset` of the stream on. */
  async list(partition: number, fromOffset: number, limit: number): Promise<readonly DeadLetter[]> {
    const letters = new Map<number, DeadLetter>()
    for await (const { value } of this.#fetch.readToEnd(partition, 0)) {
      if (value === null) continue
      const document = JSON.parse(value.toString()) as Document
      if (document.kind === 'replayed') addReplay(letters, document.letter, document.replay)
      else if (document.offset >= fromOffset) {
        // A rebuild keeps a record again that was rejected, and perhaps replayed, before.
        const { replay = null } = letters.get(document.offset) ?? {}
        letters.set(document.offset, { ...letterOf(partition, document), replay })
      }
    }
    return [...letters.values()].sort((a, b) => a.offset - b.offset).slice(0, limit)
  }

  async counts(partition: number): Promise<readonly DeadLetterCount[]> {
    const counts = new Map<string, DeadLetterCount>()
    for (const { offset, rejection } of await this.list(partition, 0, Number.POSITIVE_INFINITY)) {
      const { code, field, expected, found } = rejection
      const reason = JSON.stringify([code, field, expected])
      const known = counts.get(reason) ?? { code, field, expected, count: 0, example: { offset, found } }
      counts.set(reason, { ...known, count: known.count + 1 })
    }
    return [...counts.values()]
  }

  close(): Promise<void> {
    return this.#fetch.close()
  }
}

function letterOf(partition: number, document: RejectedDocument): DeadLetter {
  const { offset, arrivalMs, rejection, raw, rawLength, format } = document
  return {
    partition,
    offset,
    arrivalMs,
    rejection,
    raw: bytesOf(raw),
    rawLength,
    format: formatOf(format),
    replay: null,
  }
}

function addReplay(letters: Map<number, DeadLetter>, letter: number, replay: Replay): void {
  const known = letters.get(letter)
  if (known !== undefined) letters.set(letter, { ...known, replay })
}
