import type { AvroType } from '#language/schemas/avro/avro-type.ts'
import type { DecoderField } from '../decoder-field.ts'
import { type ColumnSource, columnSource } from './column-source.ts'
import { fits, type RecordResolution } from './resolve-record.ts'
import { skipSource, unionSource } from './skip-source.ts'
import { UNSURE, valueSource } from './value-source.ts'

/** Writes the code of a `RecordDecoder`: the fields of the writer one after the other, each with what becomes of it. */
export class RecordSource {
  readonly #resolution: RecordResolution
  readonly #fields: readonly DecoderField[]
  readonly #columns: readonly ColumnSource[]
  /** Types that the code refers to by number: those that are skipped by a call. */
  readonly types: AvroType[] = []
  /** Symbols of the enums that the code refers to by number. */
  readonly symbols: (readonly string[])[] = []

  constructor(resolution: RecordResolution, fields: readonly DecoderField[]) {
    this.#resolution = resolution
    this.#fields = fields
    this.#columns = fields.map(columnSource)
  }

  write(): string {
    const { record, fieldOf, absent } = this.#resolution
    const values = record.fields.map(
      ({ type }, place) => `{${this.#fieldSource(type, fieldOf[place]!)}
    }`,
    )
    return `'use strict'
${this.#fields.map((_, index) => `const column${index} = columns[${index}]`).join('\n')}
return function decode(bytes, view, start, end, base, count, pending) {
  const { positions, starts, lengths } = pending
  ${this.#columns.map(({ before }) => before).join('\n  ')}
  let { rows: row, received } = pending
  const limit = Math.min(pending.capacity, row + count)
  let record = start
  records: while (row < limit) {
    let at = record
    ${values.join('\n    ')}
    ${absent.map((index) => this.#columns[index]!.setNull).join('\n    ')}
    const length = at - record
    if (at > end || length > recordBytesMax) break
    positions[row] = received++
    starts[row] = base + record
    lengths[row] = length
    row++
    record = at
  }
  ${this.#columns.map(({ after }) => after).join('\n  ')}
  pending.rows = row
  pending.received = received
  return record
}`
  }

  #fieldSource(type: AvroType, index: number): string {
    if (index < 0) return skipSource(type, this.types)
    if (type.kind !== 'union') return this.#branchSource(type, index)
    return unionSource(type.branches, (branch) => this.#branchSource(branch, index))
  }

  #branchSource(type: AvroType, index: number): string {
    const { type: target, nullable } = this.#fields[index]!
    const column = this.#columns[index]!
    if (type.kind === 'null') return nullable ? column.setNull : `\n      ${UNSURE}`
    if (!fits(type, target)) return `\n      ${UNSURE}`
    const symbols = type.kind === 'enum' ? this.symbols.push(type.symbols) - 1 : -1
    return valueSource(type, target, column, symbols)
  }
}
