import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { AggregateName } from '#language/expressions/expression.ts'
import type { FieldType, Value } from '#language/schemas/field-types.ts'
import { StateReader, StateWriter } from '../../state/state-bytes.ts'
import type { Accumulator } from './accumulator.ts'
import { createAccumulator } from './create-accumulator.ts'

interface Row {
  readonly value: Value
  readonly eventTime: number
}

const LONG: FieldType = { kind: 'long' }
const longs = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const rowsOf = (values: fc.Arbitrary<Value>) =>
  fc.array(fc.record({ value: fc.option(values), eventTime: fc.integer({ min: 0, max: 5 }) }), { maxLength: 40 })

/** Adds rows to slot `slot`, offsets counted from `firstOffset`. */
function add(accumulator: Accumulator, slot: number, rows: readonly Row[], firstOffset: number): void {
  accumulator.add({
    argument: { layout: 'values', values: rows.map(({ value }) => value) },
    rows: Int32Array.from(rows.keys()),
    slots: new Int32Array(rows.length).fill(slot),
    begin: 0,
    end: rows.length,
    eventTimes: Float64Array.from(rows, ({ eventTime }) => eventTime),
    partition: 0,
    offsetOf: (row) => firstOffset + row,
  })
}

/** The same as a column of doubles, as decoded. */
function addColumn(accumulator: Accumulator, slot: number, rows: readonly Row[], firstOffset: number): void {
  accumulator.add({
    argument: {
      layout: 'float64',
      values: Float64Array.from(rows, ({ value }) => Number(value ?? 0)),
      nulls: Uint8Array.from(rows, ({ value }) => (value === null ? 1 : 0)),
    },
    rows: Int32Array.from(rows.keys()),
    slots: new Int32Array(rows.length).fill(slot),
    begin: 0,
    end: rows.length,
    eventTimes: Float64Array.from(rows, ({ eventTime }) => eventTime),
    partition: 0,
    offsetOf: (row) => firstOffset + row,
  })
}

function fresh(name: AggregateName, type: FieldType): Accumulator {
  const accumulator = createAccumulator(name, type)
  accumulator.reserve(4)
  for (let slot = 0; slot < 4; slot++) accumulator.clear(slot)
  return accumulator
}

const names: readonly AggregateName[] = ['count', 'sum', 'avg', 'min', 'max', 'first', 'last']

describe('accumulators', () => {
  for (const name of names) {
    it(`${name}: neither cuts, nor merging, nor storing change the result`, () => {
      fc.assert(
        fc.property(rowsOf(longs), fc.nat(40), (rows, at) => {
          const cut = Math.min(at, rows.length)
          const accumulator = fresh(name, LONG)
          add(accumulator, 0, rows, 0)
          add(accumulator, 1, rows.slice(0, cut), 0)
          add(accumulator, 1, rows.slice(cut), cut)
          add(accumulator, 2, rows.slice(0, cut), 0)
          add(accumulator, 3, rows.slice(cut), cut)
          const other = fresh(name, LONG)
          other.merge(0, accumulator, 3)
          other.merge(0, accumulator, 2)
          const writer = new StateWriter()
          accumulator.write(1, writer)
          other.read(1, new StateReader(writer.take()))
          const wanted = accumulator.result(0)
          assert.deepEqual([accumulator.result(1), other.result(0), other.result(1)], [wanted, wanted, wanted])
        }),
      )
    })
  }

  for (const name of ['sum', 'avg', 'min', 'max', 'first', 'last'] as const) {
    it(`${name}: a column of doubles gives what the same values give one by one, and mixes with wider ones`, () => {
      const small = fc.bigInt({ min: -5n, max: 5n })
      fc.assert(
        fc.property(
          rowsOf(fc.oneof(small, fc.bigInt({ min: -(2n ** 53n) + 1n, max: 2n ** 53n - 1n }))),
          rowsOf(longs),
          (rows, wide) => {
            const [byValue, byColumn] = [fresh(name, LONG), fresh(name, LONG)]
            add(byValue, 0, rows, 0)
            addColumn(byColumn, 0, rows, 0)
            assert.deepEqual(byColumn.result(0), byValue.result(0))
            for (const accumulator of [byValue, byColumn]) add(accumulator, 0, wide, rows.length)
            addColumn(byColumn, 0, rows, rows.length + wide.length)
            add(byValue, 0, rows, rows.length + wide.length)
            assert.deepEqual(byColumn.result(0), byValue.result(0))
          },
        ),
      )
    })
  }

  it('sum of whole numbers is exact, and null beyond 64 bits', () => {
    fc.assert(
      fc.property(rowsOf(longs), (rows) => {
        const accumulator = fresh('sum', LONG)
        add(accumulator, 0, rows, 0)
        const values = rows.map(({ value }) => value).filter((value) => value !== null) as bigint[]
        const total = values.reduce((sum, value) => sum + value, 0n)
        assert.equal(accumulator.result(0), values.length === 0 || BigInt.asIntN(64, total) !== total ? null : total)
      }),
    )
  })

  it('sum of decimals is exact far beyond 2^53, from numbers as from bigints', () => {
    const type: FieldType = { kind: 'decimal', precision: 15, scale: 2 }
    const accumulator = fresh('sum', type)
    const rows = 10_000
    const values = new Float64Array(rows).fill(999_999_999_999_999)
    const common = {
      rows: Int32Array.from(values.keys()),
      slots: new Int32Array(rows),
      begin: 0,
      end: rows,
      eventTimes: values,
      partition: 0,
      offsetOf: (row: number) => row,
    }
    accumulator.add({ ...common, argument: { layout: 'float64', values, nulls: null } })
    accumulator.add({
      ...common,
      argument: { layout: 'bigint64', values: BigInt64Array.from(values, (value) => BigInt(value)), nulls: null },
    })
    assert.equal(accumulator.result(0), 999_999_999_999_999n * 20_000n)
  })

  it('sum of doubles keeps what plain addition would lose', () => {
    const accumulator = fresh('sum', { kind: 'double' })
    add(
      accumulator,
      0,
      [1e16, 1, -1e16].map((value) => ({ value, eventTime: 0 })),
      0,
    )
    assert.equal(accumulator.result(0), 1)
  })
})
