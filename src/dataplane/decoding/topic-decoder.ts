import type { DecodedBatch, RawFormat } from '../records/record-batch.ts'
import { schemaIdOf, WIRE_MAGIC } from '../records/wire-header.ts'
import { WireDecoder } from './avro/wire-decoder.ts'
import type { FutureGuard, StreamDecoderOptions } from './decoder.ts'
import { JsonLines } from './json/json-lines.ts'
import { createJsonReader } from './json/json-reader.ts'
import {
  type Message,
  type MessageDecoder,
  type Refusal,
  valueOfMessage,
  type WriterSchemas,
} from './message-decoder.ts'
import { RecordIntake } from './record-intake.ts'
import { StreamDecoder } from './stream-decoder.ts'

const JSON_FORMAT: RawFormat = { kind: 'json' }

/** Tells JSON from Avro message by message: no text of JSON begins with a zero byte, and every Avro record with a header does. */
export class TopicDecoder implements MessageDecoder {
  readonly #intake: RecordIntake
  readonly #json: JsonLines
  readonly #avro: WireDecoder
  readonly #schemas: WriterSchemas
  /** Whether the last message was JSON, which then may be waiting for more of it. */
  #inJson = false

  constructor(options: StreamDecoderOptions, schemas: WriterSchemas) {
    this.#intake = new RecordIntake(options)
    this.#json = new JsonLines(new StreamDecoder(options, createJsonReader, this.#intake))
    this.#avro = new WireDecoder(options, this.#intake)
    this.#schemas = schemas
  }

  get pending(): number {
    return this.#intake.pending.untaken
  }

  async learnSchemas(messages: readonly Message[]): Promise<void> {
    const asked = new Set<number>()
    for (const message of messages) {
      const id = isAvro(message) ? schemaIdOf(valueOfMessage(message)) : null
      if (id === null || asked.has(id) || this.#avro.knows(id)) continue
      asked.add(id)
      const schema = await this.#schemas.byId(id)
      if (schema !== undefined) this.#avro.learn(id, schema)
    }
  }

  write(messages: readonly Message[]): void {
    for (const message of messages) {
      if (message.refusal !== undefined) this.#reject(valueOfMessage(message), message.refusal)
      else if (isAvro(message)) this.#writeAvro(valueOfMessage(message))
      else this.#writeJson(message)
    }
    this.#json.flush()
  }

  take(recordsMax: number, guard: FutureGuard): DecodedBatch | undefined {
    return this.#intake.take(recordsMax, guard)
  }

  resetDictionaries(): void {
    this.#intake.pending.resetDictionaries()
  }

  #writeJson(message: Message): void {
    if (!this.#inJson) this.#intake.begin(JSON_FORMAT)
    this.#inJson = true
    this.#json.write(message)
  }

  #writeAvro(value: Uint8Array): void {
    this.#leaveJson()
    this.#avro.write(value)
  }

  #reject(value: Uint8Array, { rejection, format, rawLength }: Refusal): void {
    this.#leaveJson()
    const { pending } = this.#intake
    pending.release()
    this.#intake.begin(format)
    pending.reject(rejection, Uint8Array.from(value), rawLength)
  }

  #leaveJson(): void {
    if (this.#inJson) this.#json.flush()
    this.#inJson = false
  }
}

const isAvro = ({ bytes, start, end, refusal }: Message): boolean =>
  refusal === undefined && start < end && bytes[start] === WIRE_MAGIC
