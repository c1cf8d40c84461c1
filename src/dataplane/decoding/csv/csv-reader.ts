import { isUtf8 } from 'node:buffer'
import type { CsvFormat } from '#language/schemas/csv-format.ts'
import type { Rejection } from '../../records/record-batch.ts'
import type { ByteInput } from '../byte-input.ts'
import { BYTE_ORDER_MARK_BYTES, byteOrderMarkAt } from '../byte-order-mark.ts'
import type { DecodeRecords } from '../generated/decode-records.ts'
import type { PendingRecords } from '../pending-records.ts'
import { RAW_BYTES_MAX } from '../record-limits.ts'
import { envelopeFault, malformed, tooLarge } from '../rejections.ts'
import type { ReaderOptions, RecordReader } from '../stream-decoder.ts'
import { readCsvCarefully } from './careful-csv.ts'
import { type CsvHeader, readCsvHeader, unreadableHeader } from './csv-header.ts'
import { type QuickCsvField, quickCsvField } from './quick-csv-field.ts'
import { compileRowDecoder } from './row-decoder.ts'
import { RowSplitter, type SplitOutcome } from './row-splitter.ts'

const LINE_FEED = 10
/** More than a rejection shows. */
const EXCERPT_BYTES = 400

export const createCsvReader = (options: ReaderOptions, pending: PendingRecords): RecordReader =>
  new CsvReader(options, pending)

/** CSV: the first row that is not empty is the header, the others are records. */
class CsvReader implements RecordReader {
  readonly #pending: PendingRecords
  readonly #timeZone: string
  readonly #recordBytesMax: number
  readonly #formats: readonly CsvFormat[]
  readonly #splitter: RowSplitter
  #begun = false
  #header: CsvHeader | null = null
  #quick: readonly QuickCsvField[] = []
  /** Null before the header, and where no row can be right. */
  #decoder: DecodeRecords | null = null

  constructor({ timeZone, recordBytesMax, csvFormats = [] }: ReaderOptions, pending: PendingRecords) {
    this.#pending = pending
    this.#timeZone = timeZone
    this.#recordBytesMax = recordBytesMax
    this.#formats = csvFormats
    this.#splitter = new RowSplitter(recordBytesMax)
  }

  read(input: ByteInput, added: number): void {
    if (!this.#begin(input)) return
    const addedFrom = input.end - added
    const end = addedFrom + input.bytes.subarray(addedFrom, input.end).lastIndexOf(LINE_FEED) + 1
    const valid = end > addedFrom && isUtf8(input.bytes.subarray(input.cursor, end))
    for (;;) {
      if (valid) this.#readAsHeaderSays(input, end)
      const outcome = this.#splitter.scan(input.bytes, input.cursor, input.end)
      if (outcome === 'incomplete') {
        // Line ends within quotes had the decoder begin with a row that goes on; by the next time others may have been taken, and the row be another one.
        this.#pending.clearRow()
        return
      }
      this.#readRow(input, outcome, valid)
    }
  }

  #readAsHeaderSays(input: ByteInput, end: number): void {
    if (this.#decoder === null) return
    const first = input.cursor
    for (;;) {
      this.#pending.nextRow()
      input.cursor = this.#decoder(input.bytes, input.view, input.cursor, end, input.base, this.#pending)
      if (this.#pending.rows < this.#pending.capacity || input.cursor >= end) break
    }
    // The splitter may have been in the middle of a row that was not complete before.
    if (input.cursor > first) this.#splitter.reset()
  }

  end(input: ByteInput): void {
    while (input.unread > 0) {
      this.#readRow(input, this.#splitter.scanLast(input.bytes, input.cursor, input.end), false)
      this.read(input, input.unread)
    }
  }

  dropLine(): boolean {
    this.#splitter.reset()
    if (this.#header !== null) return true
    this.#pending.format = { kind: 'csv', header: new Uint8Array(0) }
    this.#header = unreadableHeader(this.#pending.fields, tooLarge(RAW_BYTES_MAX, this.#recordBytesMax))
    return false
  }

  /** Skips a byte order mark. False until it is known whether there is one. */
  #begin(input: ByteInput): boolean {
    if (this.#begun) return true
    const mark = byteOrderMarkAt(input.bytes, input.cursor, input.end)
    if (mark === 'undecided') return false
    if (mark === 'present') input.cursor += BYTE_ORDER_MARK_BYTES
    return (this.#begun = true)
  }

  #readRow(input: ByteInput, outcome: SplitOutcome, valid: boolean): void {
    const { cursor, base, bytes } = input
    const { length, lengthWithEnd } = this.#splitter
    input.cursor += lengthWithEnd
    if (length === 0) return
    const wellFormed = outcome === 'row' && length <= this.#recordBytesMax
    if (wellFormed && valid && this.#header?.fault === null && this.#readQuickly(input, cursor)) {
      this.#pending.accept(base + cursor, length)
      return
    }
    const row = bytes.subarray(cursor, cursor + length)
    const fault = this.#rowFault(row, wellFormed)
    if (this.#header === null) this.#readHeader(row, fault)
    else
      this.#pending.receive(
        fault === null ? this.#readCarefully(row, this.#header) : { rejection: fault },
        row,
        base + cursor,
      )
  }

  #rowFault(row: Uint8Array, wellFormed: boolean): Rejection | null {
    const fault = envelopeFault(row, row.length, this.#recordBytesMax)
    if (fault !== null || wellFormed) return fault
    return malformed(Buffer.from(row.subarray(0, EXCERPT_BYTES)).toString(), 'a CSV row')
  }

  #readHeader(row: Uint8Array, fault: Rejection | null): void {
    const { fields } = this.#pending
    const header =
      fault === null ? readCsvHeader(this.#texts(row), fields, this.#formats) : unreadableHeader(fields, fault)
    this.#header = header
    this.#pending.format = { kind: 'csv', header: row.slice() }
    this.#quick = fields.map((field) => quickCsvField(field, header.form))
    this.#decoder = compileRowDecoder(header, fields, this.#recordBytesMax)
  }

  /** Writes the row at `start` to the next row of the columns; false when anything needs care. */
  #readQuickly(input: ByteInput, start: number): boolean {
    const { starts, ends, doubled, count } = this.#splitter
    const { columnCount, columnOf } = this.#header!
    if (count !== columnCount) return false
    const { fields } = this.#pending
    const row = this.#pending.nextRow()
    for (let index = 0; index < fields.length; index++) {
      const column = columnOf[index]!
      if (column < 0 || starts[column] === ends[column]) {
        if (!fields[index]!.nullable) return false
        fields[index]!.column.setNull(row)
        continue
      }
      const from = start + starts[column]!
      if (doubled[column] === 1 || !this.#quick[index]!(input.bytes, input.view, from, start + ends[column]!, row))
        return false
    }
    return true
  }

  #readCarefully(row: Uint8Array, header: CsvHeader): ReturnType<typeof readCsvCarefully> {
    return readCsvCarefully(this.#texts(row), header, this.#pending.fields, this.#timeZone)
  }

  #texts(row: Uint8Array): readonly string[] {
    const { starts, ends, doubled, count } = this.#splitter
    const bytes = Buffer.from(row.buffer, row.byteOffset, row.length)
    return Array.from({ length: count }, (_, index) => {
      const text = bytes.toString('utf8', starts[index], ends[index])
      return doubled[index] === 1 ? text.replaceAll('""', '"') : text
    })
  }
}
