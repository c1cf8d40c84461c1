import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { FieldType, Value } from '#language/schemas/field-types.ts'
import type { Dictionary } from '../../../../records/record-batch.ts'
import type { RelationBatch } from '../../compile/relation.ts'
import { type Vector, vectorReader } from '../../compile/vector.ts'
import { KeyCodes } from './key-codes.ts'

const TEXT: FieldType = { kind: 'string' }
const LONG: FieldType = { kind: 'long' }
const INT: FieldType = { kind: 'int' }

const nullsOf = (values: readonly Value[]) => Uint8Array.from(values, (value) => (value === null ? 1 : 0))

/** How a batch may have a column of texts, of longs, and of ints. */
function textColumn(values: readonly (string | null)[], dictionary: Dictionary | null): Vector {
  if (dictionary !== null) {
    for (const value of values)
      if (value !== null && !dictionary.entries.includes(value)) dictionary.entries.push(value)
    const codes = Int32Array.from(values, (value) => (value === null ? -1 : dictionary.entries.indexOf(value)))
    return { layout: 'dictionary', codes, dictionary }
  }
  const texts = values.map((value) => Buffer.from(value ?? ''))
  let end = 0
  const offsets = Uint32Array.from([0, ...texts.map(({ length }) => (end += length))])
  return { layout: 'text', offsets, bytes: Buffer.concat(texts), nulls: nullsOf(values) }
}
function longColumn(values: readonly (bigint | null)[]): Vector {
  const wide = values.some((value) => value !== null && !Number.isSafeInteger(Number(value)))
  return wide
    ? { layout: 'bigint64', values: BigInt64Array.from(values, (value) => value ?? 0n), nulls: nullsOf(values) }
    : { layout: 'float64', values: Float64Array.from(values, (value) => Number(value ?? 0n)), nulls: nullsOf(values) }
}
const intColumn = (values: readonly (number | null)[]): Vector => ({
  layout: 'int32',
  values: Int32Array.from(values, (value) => value ?? 0),
  nulls: nullsOf(values),
})

const records = fc.record({
  // The hashes of declinate and macallums are equal.
  text: fc.option(fc.constantFrom('declinate', 'macallums', '', 'a', 'é', 'aé', 'key 1', 'key 2', '\u{1F600}')),
  long: fc.option(
    fc.oneof(fc.bigInt({ min: -3n, max: 3n }), fc.constantFrom(2n ** 40n, -(2n ** 40n), 2n ** 32n, 2n ** 60n)),
  ),
  int: fc.option(fc.oneof(fc.integer({ min: -2, max: 5 }), fc.constantFrom(300, 70_000, -2147483648))),
  kept: fc.boolean(),
})
const batches = fc.array(fc.record({ rows: fc.array(records, { maxLength: 30 }), asText: fc.boolean() }), {
  minLength: 1,
  maxLength: 5,
})

const types: Readonly<Record<string, FieldType>> = { text: TEXT, long: LONG, int: INT }

describe('codes of keys', () => {
  for (const names of [['text'], ['long'], ['int'], ['int', 'text'], ['text', 'long', 'int']]) {
    it(`of ${names.join(', ')} are equal for equal keys and differ for others, as long as they belong to one epoch`, () => {
      fc.assert(
        fc.property(batches, (some) => {
          const keyCodes = new KeyCodes(names.map((name) => ({ name, type: types[name]! })))
          const dictionary: Dictionary = { entries: [] }
          let epoch: object | null = null
          let codeOfKey = new Map<string, number>()
          for (const { rows, asText } of some) {
            const columns: Readonly<Record<string, Vector>> = {
              text: textColumn(
                rows.map(({ text }) => text),
                asText ? null : dictionary,
              ),
              long: longColumn(rows.map(({ long }) => long)),
              int: intColumn(rows.map(({ int }) => int)),
            }
            const chosen = Int32Array.from(rows.flatMap(({ kept }, row) => (kept ? [row] : [])))
            const input = {
              batch: { rows: rows.length },
              rows: chosen,
              length: chosen.length,
              column: (name: string) => columns[name]!,
            }
            const found = keyCodes.of(input as unknown as RelationBatch)
            if (found.epoch !== epoch) codeOfKey = new Map()
            epoch = found.epoch
            for (const row of chosen) {
              const key = names.map((name) => String(vectorReader(columns[name]!, types[name]!)(row))).join('|')
              const code = found.codes[row]!
              assert.ok(code >= -1 && code < found.size)
              assert.equal(codeOfKey.get(key) ?? code, code)
              codeOfKey.set(key, code)
            }
            assert.equal(new Set(codeOfKey.values()).size, codeOfKey.size)
          }
        }),
      )
    })
  }
})
