import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'

/**
 * The texts of an Arrow stream (IPC format, little-endian) whose schema is one column of type string without nulls. What else Arrow can say is not read: Spark
 * is asked for rows as one text each.
 */
export function textsOfArrowStream(bytes: Uint8Array): readonly string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const texts: string[] = []
  for (let at = 0; at + PREFIX_BYTES <= bytes.length; ) {
    if (view.getInt32(at, true) !== CONTINUATION) throw unreadable('a message does not begin where it should')
    const metadataBytes = view.getInt32(at + 4, true)
    if (metadataBytes === 0) break
    const message = rootTable(view, at + PREFIX_BYTES)
    const body = at + PREFIX_BYTES + metadataBytes
    if (message.byte(MESSAGE.headerType) === RECORD_BATCH) texts.push(...batchTexts(bytes, message, body))
    at = body + message.long(MESSAGE.bodyLength)
  }
  return texts
}

const CONTINUATION = -1
/** The mark of a continuation, and the length of the metadata. */
const PREFIX_BYTES = 8
/** Of the union of message headers. */
const RECORD_BATCH = 3
/** Places of fields in the tables of Arrow's flatbuffers. */
const MESSAGE = { headerType: 1, header: 2, bodyLength: 3 } as const
const BATCH = { length: 0, buffers: 2, compression: 3 } as const
/** A buffer is offset and length, 8 bytes each. A column of strings has three: nulls, offsets of texts, bytes of texts. */
const BUFFER_BYTES = 16
const TEXT_BUFFERS = 3

function batchTexts(bytes: Uint8Array, message: Table, body: number): readonly string[] {
  const batch = message.table(MESSAGE.header)
  if (batch === null) throw unreadable('a batch has no header')
  if (batch.table(BATCH.compression) !== null) throw unreadable('its batches are compressed')
  const { view } = batch
  const { start, count } = batch.vector(BATCH.buffers)
  if (count !== TEXT_BUFFERS) throw unreadable(`it has ${count} buffers, a column of texts has ${TEXT_BUFFERS}`)
  const bufferAt = (index: number): number => body + Number(view.getBigInt64(start + index * BUFFER_BYTES, true))
  const [offsets, data] = [bufferAt(1), bufferAt(2)]
  const offset = (row: number): number => data + view.getInt32(offsets + 4 * row, true)
  const decoder = new TextDecoder()
  return Array.from({ length: batch.long(BATCH.length) }, (_, row) =>
    decoder.decode(bytes.subarray(offset(row), offset(row + 1))),
  )
}

/** A table of a flatbuffer: its fields by their number. */
class Table {
  readonly view: DataView
  readonly #at: number
  readonly #vtable: number

  constructor(view: DataView, at: number) {
    this.view = view
    this.#at = at
    this.#vtable = at - view.getInt32(at, true)
  }

  byte(field: number): number {
    const at = this.#place(field)
    return at === null ? 0 : this.view.getUint8(at)
  }

  long(field: number): number {
    const at = this.#place(field)
    return at === null ? 0 : Number(this.view.getBigInt64(at, true))
  }

  table(field: number): Table | null {
    const at = this.#place(field)
    return at === null ? null : new Table(this.view, at + this.view.getUint32(at, true))
  }

  /** Where its first element is. */
  vector(field: number): { readonly start: number; readonly count: number } {
    const at = this.#place(field)
    if (at === null) return { start: 0, count: 0 }
    const vector = at + this.view.getUint32(at, true)
    return { start: vector + 4, count: this.view.getUint32(vector, true) }
  }

  /** Null where the field has its default. */
  #place(field: number): number | null {
    const entry = 4 + 2 * field
    if (entry >= this.view.getUint16(this.#vtable, true)) return null
    const offset = this.view.getUint16(this.#vtable + entry, true)
    return offset === 0 ? null : this.#at + offset
  }
}

const rootTable = (view: DataView, at: number): Table => new Table(view, at + view.getUint32(at, true))

const unreadable = (what: string): MysimbdpError =>
  new MysimbdpError('MSB_SPARK_FAILED', `rows of Spark cannot be read: ${what}`)
