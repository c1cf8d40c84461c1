import fc from 'fast-check'
import { formatDecimal } from '#language/schemas/decimal.ts'
import type { FieldType } from '#language/schemas/field-types.ts'
import { formatDate, formatFloat } from '#language/schemas/value-text.ts'
import { inBranch, type SchemaJson, unscaledBytes } from './avro-writer.fixture.ts'

/** Writers' types for fields of the stream, with values at every edge and the same values in JSON. */

/** A value of a type, and what it would be in JSON; the JSON of what no JSON can say is refused for the same reason. */
export interface WrittenValue {
  readonly value: unknown
  readonly json: string
}

export interface WrittenType {
  readonly schema: SchemaJson
  readonly values: fc.Arbitrary<WrittenValue>
}

const same = (value: unknown, json: string): WrittenValue => ({ value, json })

/** Names of types must not meet in one schema. */
let names = 0
const named = (type: string, rest: object): SchemaJson => ({ type, name: `${type}${names++}`, ...rest })

/** Mostly what a field takes, and now and then an edge. */
const mostly = <T>(usual: fc.Arbitrary<T>, ...edges: fc.Arbitrary<T>[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 12, arbitrary: usual }, ...edges.map((arbitrary) => ({ weight: 1, arbitrary })))

const small = fc.integer({ min: -9999, max: 9999 })
const ints = mostly(small, fc.integer(), fc.constantFrom(2147483647, -2147483648, 63, 64, -64, -65, 8191, 8192))
const longs = mostly(
  small.map(BigInt),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(
    ...[53n, 52n, 54n, 31n, 34n].flatMap((bits) => [2n ** bits - 1n, 2n ** bits, 2n ** bits + 1n, -(2n ** bits) - 1n]),
  ),
)
const cents = fc
  .tuple(fc.integer({ min: -99_999_999, max: 99_999_999 }), fc.integer({ min: 0, max: 4 }))
  .map(([n, digits]) => n / 10 ** digits)
/** JSON has no NaN and no infinity: too large a number stands for them. */
const numberJson = (value: number, text = String(value)): string =>
  !Number.isFinite(value) ? '1e400' : Object.is(value, -0) ? '-0' : text
const wholeText = (value: number): string => (Number.isInteger(value) ? String(BigInt(value)) : String(value))

const doubles = fc.oneof(cents, fc.double(), ints, fc.constantFrom(0, -0, 8, 0.1, 1e15, 2 ** 53, 1e300, 4.35, 1.005))
const floats = mostly(
  fc.oneof(
    small,
    small.map((n) => Math.fround(n / 100)),
  ),
  cents.map(Math.fround),
  fc.float(),
  fc.constantFrom(0, -0, 8, 16777216, Math.fround(0.1), Math.fround(12.1)),
)
const int: WrittenType = { schema: 'int', values: ints.map((value) => same(value, String(value))) }
const long: WrittenType = { schema: 'long', values: longs.map((value) => same(value, String(value))) }
const float = (target: FieldType): WrittenType => ({
  schema: 'float',
  values: floats.map((value) =>
    same(value, numberJson(value, target.kind === 'decimal' ? formatFloat(value) : wholeText(value))),
  ),
})
const double = (target: FieldType): WrittenType => ({
  schema: 'double',
  values: doubles.map((value) =>
    same(
      value,
      target.kind === 'float'
        ? floatJson(value)
        : numberJson(value, target.kind === 'decimal' ? String(value) : wholeText(value)),
    ),
  ),
})
/** The float that is nearest to a double, not to its text. */
const floatJson = (value: number): string => numberJson(Math.fround(value))

const scales = fc.integer({ min: 0, max: 6 })
const unscaled = mostly(
  small.map((value) => BigInt(value) * 1_000_000n),
  ints.map(BigInt),
  longs,
  fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
  ints.map((value) => BigInt(value) * 1000n),
)
const decimals =
  (fixed: boolean) =>
  (scale: number): WrittenType => ({
    schema: fixed
      ? named('fixed', { size: 12, logicalType: 'decimal', precision: 28, scale })
      : { type: 'bytes', logicalType: 'decimal', precision: 28, scale },
    values: unscaled.map((value) => same(unscaledBytes(value, fixed ? 12 : undefined), formatDecimal(value, scale))),
  })

const quoted = (text: string): string => JSON.stringify(text)
const texts = fc.oneof(
  fc.constantFrom('', 'a', 'Flash Cab', 'Café', '日本', '🚕', 'x'.repeat(200)),
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.string({ maxLength: 3 }),
)
const text: WrittenType = {
  schema: 'string',
  values: fc.oneof(
    { weight: 100, arbitrary: texts.map((value) => same(value, quoted(value))) },
    { weight: 1, arbitrary: fc.constant(same(Uint8Array.of(0x61, 0xc3), '"\\ud800"')) },
  ),
}
const textOf = (values: fc.Arbitrary<string>): WrittenType => ({
  schema: 'string',
  values: mostly(values, texts).map((value) => same(value, quoted(value))),
})
const symbols = ['Cash', 'Credit Card', 'Straße']
const choice = (): WrittenType => ({
  schema: named('enum', { symbols }),
  values: fc.nat(symbols.length - 1).map((index) => same(index, quoted(symbols[index]!))),
})

const UNITS = { millis: 1n, micros: 1000n, nanos: 1_000_000n }
const instants = mostly(
  fc.integer({ min: 0, max: 2_000_000_000 }).map((seconds) => BigInt(seconds) * 1000n),
  fc.constantFrom(-1n, 0n, -62_135_596_800_000n, -62_135_596_800_001n, 253_402_300_799_999n, 253_402_300_800_000n),
  // Where Chicago's clocks change.
  fc.integer({ min: -7200, max: 7200 }).map((seconds) => BigInt(Date.UTC(2024, 2, 10, 2) + seconds * 1000)),
  fc.integer({ min: -7200, max: 7200 }).map((seconds) => BigInt(Date.UTC(2024, 10, 3, 1) + seconds * 1000)),
)
const TIMES = [-62_135_596_800_000n, 253_402_300_799_999n] as const
function times(unit: keyof typeof UNITS, local: boolean): WrittenType {
  const most = 2n ** 63n / UNITS[unit]
  return {
    schema: { type: 'long', logicalType: `${local ? 'local-' : ''}timestamp-${unit}` },
    values: fc
      .tuple(instants, fc.bigInt({ min: 0n, max: UNITS[unit] - 1n }))
      .filter(([ms]) => ms > -most && ms < most - 1n)
      .map(([ms, rest]) => same(ms * UNITS[unit] + rest, timeJson(ms, local))),
  }
}
const timeJson = (ms: bigint, local: boolean): string =>
  ms < TIMES[0] || ms > TIMES[1]
    ? '"no time"'
    : local
      ? quoted(new Date(Number(ms)).toISOString().slice(0, -1))
      : String(ms)
const timeTexts = fc.constantFrom(
  '2024-04-13T19:48:15Z',
  '2024-11-03T01:30:00',
  '2024-03-10T02:30:00',
  '1712000000000',
  '2024-04-13',
  '2024-04-13 19:48',
)
const plainEpoch: WrittenType = { schema: 'long', values: instants.map((ms) => same(ms, String(ms))) }

const days = mostly(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: -800_000, max: 3_000_000 }))
const dates: WrittenType = {
  schema: { type: 'int', logicalType: 'date' },
  values: days.map((value) =>
    same(value, value < -719_162 || value > 2_932_896 ? '"no date"' : quoted(formatDate(value))),
  ),
}
const uuidBytes = (): WrittenType => ({
  schema: named('fixed', { size: 16, logicalType: 'uuid' }),
  values: fc.uuid().map((value) => same(Buffer.from(value.replaceAll('-', ''), 'hex'), quoted(value))),
})

/** Types that a writer may give a field, unions aside. */
function plainTypesFor(target: FieldType): fc.Arbitrary<WrittenType> {
  switch (target.kind) {
    case 'string':
      return fc.oneof(fc.constant(text), fc.constant(null).map(choice))
    case 'uuid':
      return fc.oneof(
        fc.constant(textOf(fc.uuid().map((value) => value.toUpperCase()))),
        fc.constant(null).map(uuidBytes),
      )
    case 'boolean':
      return fc.constant({ schema: 'boolean', values: fc.boolean().map((value) => same(value, String(value))) })
    case 'date':
      return fc.constantFrom(dates, textOf(days.filter((day) => day > 0 && day < 2_000_000).map(formatDate)))
    case 'timestamp': {
      const units = (['millis', 'micros', 'nanos'] as const).flatMap((unit) => [times(unit, false), times(unit, true)])
      return fc.constantFrom(...units, plainEpoch, textOf(timeTexts))
    }
    default:
      return fc.oneof(
        fc.constantFrom(int, long, float(target), double(target)),
        scales.map(decimals(false)),
        scales.map(decimals(true)),
      )
  }
}

/** Types, unions among them: with null, with branches that fit, and with one that does not. */
export const typesFor = (target: FieldType): fc.Arbitrary<WrittenType> =>
  fc.oneof(
    plainTypesFor(target),
    plainTypesFor(target).map((type) => union([NULL, type], type)),
    plainTypesFor(target).map((type) => union([type, NULL], type)),
    plainTypesFor(target).map((type) => union([UNFIT, type, NULL], type)),
  )

const NULL: WrittenType = { schema: 'null', values: fc.constant(same(null, 'null')) }
const UNFIT: WrittenType = { schema: { type: 'array', items: 'int' }, values: fc.constant(same([1, 2], '[1]')) }

/** `usual` among the branches, or null, or what does not fit. */
const union = (types: readonly WrittenType[], usual: WrittenType): WrittenType => {
  const branch = (type: WrittenType) =>
    type.values.map(({ value, json }) => same(inBranch(types.indexOf(type), value), json))
  return { schema: types.map(({ schema }) => schema), values: mostly(branch(usual), ...types.map(branch)) }
}

const node = (): SchemaJson => ({
  type: 'record',
  name: `Node${names}`,
  fields: [
    { name: 'label', type: 'string' },
    { name: 'next', type: ['null', `Node${names++}`] },
  ],
})

/** What the stream has no field for; its JSON is a number, for its name alone counts. */
export const unknownTypes: fc.Arbitrary<WrittenType> = fc
  .oneof(
    fc.constantFrom(int, long, text, plainEpoch, float({ kind: 'float' }), double({ kind: 'double' })),
    fc.constant(union([NULL, long], long)),
    fc.constant(null).map(choice),
    fc.constant(null).map(uuidBytes),
    fc.constant<WrittenType>({
      schema: 'bytes',
      values: fc.uint8Array({ maxLength: 20 }).map((value) => same(value, '0')),
    }),
    fc.constant<WrittenType>({
      schema: { type: 'array', items: ['null', 'string'] },
      values: fc.array(fc.constantFrom(inBranch(0, null), inBranch(1, 'x'))).map((value) => same(value, '0')),
    }),
    fc.constant<WrittenType>({
      schema: { type: 'map', values: 'double' },
      values: fc.array(fc.tuple(fc.string(), fc.double())).map((value) => same(value, '0')),
    }),
    fc.constant(null).map(
      (): WrittenType => ({
        schema: node(),
        values: fc.constantFrom(['a', inBranch(0, null)]).map((value) => same(value, '0')),
      }),
    ),
  )
  .map(({ schema, values }) => ({ schema, values: values.map(({ value }) => same(value, '0')) }))
