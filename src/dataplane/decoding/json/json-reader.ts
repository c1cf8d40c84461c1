import { isUtf8 } from 'node:buffer'
import type { ByteInput } from '../byte-input.ts'
import { BYTE_ORDER_MARK_BYTES, byteOrderMarkAt } from '../byte-order-mark.ts'
import type { PendingRecords } from '../pending-records.ts'
import { envelopeFault } from '../rejections.ts'
import type { ReaderOptions, RecordReader } from '../stream-decoder.ts'
import { readJsonCarefully } from './careful-json.ts'
import { JsonTokenizer } from './json-tokenizer.ts'
import { TemplateLearner } from './template-learner.ts'

const LINE_FEED = 10
const CARRIAGE_RETURN = 13
const BACKSLASH = 92

export const createJsonReader = (options: ReaderOptions, pending: PendingRecords): RecordReader =>
  new JsonReader(options, pending)

/** NDJSON: cuts lines and takes each through the tiers. */
class JsonReader implements RecordReader {
  readonly #pending: PendingRecords
  readonly #timeZone: string
  readonly #recordBytesMax: number
  readonly #tokenizer: JsonTokenizer
  readonly #learner: TemplateLearner

  /** Where the input begins that is being read: another one may follow the first. */
  #inputStart = 0

  constructor({ timeZone, recordBytesMax }: ReaderOptions, pending: PendingRecords) {
    this.#pending = pending
    this.#timeZone = timeZone
    this.#recordBytesMax = recordBytesMax
    this.#tokenizer = new JsonTokenizer(pending.fields)
    this.#learner = new TemplateLearner(pending, recordBytesMax)
  }

  read(input: ByteInput, added: number): void {
    const addedFrom = input.end - added
    const end = addedFrom + input.bytes.subarray(addedFrom, input.end).lastIndexOf(LINE_FEED) + 1
    if (end === addedFrom) return
    // Line feeds are no part of a longer character, so the whole is valid exactly when each line is.
    const unread = input.buffer.subarray(input.cursor, end)
    const valid = isUtf8(unread)
    const escapes = unread.includes(BACKSLASH)
    while (input.cursor < end) {
      if (valid) this.#readAsPredicted(input, end, escapes)
      if (input.cursor < end) this.#readLine(input, valid)
    }
  }

  end(input: ByteInput): void {
    this.#inputStart = input.base + input.end
  }

  /** Line ends are white space between tokens, and a fault elsewhere. */
  readWhole(input: ByteInput): void {
    const { bytes, base, cursor, end } = input
    const start = cursor + (byteOrderMarkAt(bytes, cursor, end) === 'present' ? BYTE_ORDER_MARK_BYTES : 0)
    input.cursor = end
    this.#readCarefully(bytes.subarray(start, end), base + start)
  }

  dropLine(): boolean {
    return true
  }

  #readAsPredicted(input: ByteInput, end: number, escapes: boolean): void {
    const decode = this.#learner.decoder?.decode(escapes)
    if (decode === undefined) return
    const first = input.cursor
    for (;;) {
      this.#pending.nextRow()
      input.cursor = decode(input.bytes, input.view, input.cursor, end, input.base, this.#pending)
      if (this.#pending.rows < this.#pending.capacity || input.cursor === end) break
    }
    if (input.cursor > first) this.#learner.hit()
  }

  #readLine(input: ByteInput, valid: boolean): void {
    const { bytes, base, cursor } = input
    const lineEnd = input.buffer.indexOf(LINE_FEED, cursor)
    const end = lineEnd > cursor && bytes[lineEnd - 1] === CARRIAGE_RETURN ? lineEnd - 1 : lineEnd
    const marked = base + cursor === this.#inputStart && byteOrderMarkAt(bytes, cursor, lineEnd) === 'present'
    const start = marked ? cursor + BYTE_ORDER_MARK_BYTES : cursor
    input.cursor = lineEnd + 1
    if (end === start) return
    const quick = end - start <= this.#recordBytesMax && (valid || isUtf8(bytes.subarray(start, end)))
    if (quick && this.#tokenizer.read(bytes, input.view, start, lineEnd, this.#pending.nextRow())) {
      this.#pending.accept(base + start, end - start)
      this.#learner.miss(bytes, start, lineEnd + 1)
    } else this.#readCarefully(bytes.subarray(start, end), base + start)
  }

  #readCarefully(record: Uint8Array, start: number): void {
    const fault = envelopeFault(record, record.length, this.#recordBytesMax)
    const result =
      fault === null ? readJsonCarefully(record, this.#pending.fields, this.#timeZone) : { rejection: fault }
    this.#pending.receive(result, record, start)
  }
}
