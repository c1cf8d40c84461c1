import type { WriterSchemas } from '../../../decoding/message-decoder.ts'
import { NO_WRITERS, type RecordWriters, type WriterSchema } from '../lowering/record-writers.ts'

/** Each id that no schema has costs its queries a restart: after so many of a stream the next ones are not asked for. */
const UNKNOWN_IDS_MAX = 16

/** What a job knows of who writes Avro to the topics of its streams: more, with each id that a query ends at. */
export class LearntWriters {
  readonly #schemas: WriterSchemas
  readonly #byStream: Map<string, RecordWriters>

  /** @param before schemas by stream, as `known` gave them */
  constructor(schemas: WriterSchemas, before: Readonly<Record<string, readonly WriterSchema[]>>) {
    this.#schemas = schemas
    this.#byStream = new Map(Object.entries(before).map(([stream, known]) => [stream, { ...NO_WRITERS, known }]))
  }

  /** The same object until more is known. */
  of(stream: string): RecordWriters {
    return this.#byStream.get(stream) ?? NO_WRITERS
  }

  /** Schemas by stream. Ids that have none are not among them: another job asks for them again. */
  get known(): Readonly<Record<string, readonly WriterSchema[]>> {
    return Object.fromEntries([...this.#byStream].map(([stream, { known }]) => [stream, known]))
  }

  /** Asks the registry for an id that a query has met. @throws what `WriterSchemas` throws */
  async learn(stream: string, id: number): Promise<void> {
    if (isListed(this.of(stream), id)) return
    const schema = await this.#schemas.byId(id)
    const { known, unknown } = this.of(stream)
    // Other queries of the stream may have asked meanwhile.
    if (isListed(this.of(stream), id)) return
    const listed = schema === undefined ? [...unknown, id] : unknown
    this.#byStream.set(stream, {
      known: schema === undefined ? known : [...known, { id, schema }],
      unknown: listed,
      asks: listed.length < UNKNOWN_IDS_MAX,
    })
  }
}

const isListed = ({ known, unknown }: RecordWriters, id: number): boolean =>
  unknown.includes(id) || known.some((one) => one.id === id)
