import fc from 'fast-check'
import { allTypesSchema } from './all-types-schema.fixture.ts'

/** Lines of JSON for `allTypesSchema`: mostly records that are accepted, with edges and damage of every kind among them. */

/** Numbers at every edge of every type, and texts that are no JSON numbers. */
const EDGE_NUMBERS = `
  0 -0 0.0 -0.00 8.0 8e0 80e-1 8.5 1E2 1e+2 1e400 -1e400 1e-400 0e999 0.1 0.10 12.345 12.3400
  2147483647 2147483648 -2147483648 -2147483649 9007199254740991 9007199254740992 9007199254740993
  -9007199254740993 9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809
  99999999.99 100000000 99999999999999.9999 16777217 16777216.999999999999999999 3.4028235677973366e38
  3.4028235677973362e38 1.401298464324817e-45 7e-46 253402300799999 253402300800000
  123456789012345678901234567890 0.1234567890123456789 1.7976931348623157e308 4.35 0.3 1.005
  123456.123456789012345 01 - 1. .5 +1 1e 1e+ --1 NaN Infinity -Infinity 0x10 1_000 1.2.3 00 -01.5
  8.00x
`

export const numbers = fc.oneof(
  fc.constantFrom(...EDGE_NUMBERS.trim().split(/\s+/)),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }).map(String),
  fc
    .tuple(fc.integer({ min: -99_999_999, max: 99_999_999 }), fc.integer({ min: 0, max: 6 }))
    .map(([n, digits]) => (n / 100).toFixed(digits)),
)

export const times = fc.oneof(
  fc.constantFrom(
    ...[
      '2024-04-13T19:48:15.123Z',
      '2024-04-13T19:48:15-05:00',
      '2024-04-13T19:48:15+0530',
      '2024-04-13 19:48',
      '2024-04-13T19:48:15.123456789',
      '2024-04-13T19:48:15.1234567890Z',
    ],
    ...[
      '2024-11-03T01:30:00',
      '2024-03-10T02:30:00',
      '2024-11-03T01:30:00-06:00',
      '2024-03-10T02:30Z',
      '2024-11-03T02:00:00',
      '0001-01-01T00:00:00Z',
      '9999-12-31T23:59:59.999Z',
    ],
    ...[
      '2023-02-29T00:00:00Z',
      '2024-02-29T00:00:00Z',
      '2024-13-01T00:00:00Z',
      '2024-00-10T00:00:00Z',
      '2024-01-32T00:00:00Z',
      '2024-01-01T24:00:00Z',
      '2024-01-01T23:60:00Z',
    ],
    ...[
      '2024-01-01T23:59:60Z',
      '2024-04-13',
      '2024-04-13T',
      '2024-04-13T19',
      '2024-04-13T19:48:',
      '2024-04-13T19:48:15.Z',
      '2024-04-13t19:48:15z',
      '2024-04-13T19:48:15+5',
      '2024-04-13T19:48:15+24:00',
    ],
    ...[
      '0000-01-01T00:00:00Z',
      '10000-01-01T00:00:00Z',
      '24-04-13T19:48:15Z',
      ' 2024-04-13T19:48:15Z',
      '2024-04-13T19:48:15Z ',
      '2023-02-29',
      '2024-02-29',
      '2024-4-13',
      '1969-12-31',
    ],
  ),
  fc
    .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  fc
    .date({ min: new Date('2024-03-08T00:00:00Z'), max: new Date('2024-11-05T00:00:00Z'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, -1)),
)

export const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.uuid().map((id) => id.toUpperCase()),
  fc.constantFrom(
    '',
    '8',
    'null',
    'O\u2019Hare',
    '\ud83d\ude95',
    '123e4567-e89b-12d3-a456-42661417400',
    '123e4567-e89b-12d3-a456-42661417400g',
    'x'.repeat(200),
  ),
  times,
)

/** Writes some characters of a JSON string as escapes, and some of those wrongly. */
const strings = fc.tuple(texts, fc.infiniteStream(fc.nat(30))).map(
  ([text, dice]) =>
    `"${[...text]
      .map((character) => {
        const roll = dice.next().value
        if (roll === 0)
          return [...Array(character.length).keys()]
            .map((i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`)
            .join('')
        return roll === 1 && character === '/' ? '\\/' : JSON.stringify(character).slice(1, -1)
      })
      .join('')}"`,
)

const oddValues = fc.oneof(
  fc.constantFrom(
    'null',
    'true',
    'false',
    'nul',
    'tru',
    'falsy',
    'nulll',
    '"',
    '"\\ud800"',
    '"\\udc00x"',
    '"\\ud83d\\ude95"',
    '"\\\\ud800"',
    '"\\x"',
    '"\\u12"',
    '"a\tb"',
    '{',
    '[1,]',
    '{"a":1,}',
    '',
    ',',
  ),
  fc.json().map((text) => text),
)

const instants = fc.integer({ min: -1e12, max: 2e12 }).map((ms) => new Date(ms).toISOString())
const cents = fc
  .tuple(fc.integer({ min: -9_999_999, max: 9_999_999 }), fc.integer({ min: 0, max: 4 }))
  .map(([n, digits]) => (n / 100).toFixed(Math.max(digits, 2)))
/** Values that a field of the kind takes. */
const goodValues: Record<string, fc.Arbitrary<string>> = {
  string: fc.oneof(
    strings,
    fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify(text)),
  ),
  uuid: fc.uuid().map((id) => `"${id.toUpperCase()}"`),
  timestamp: fc.oneof(
    instants.map((text) => `"${text}"`),
    instants.map((text) => `"${text.slice(0, 19)}"`),
    fc.integer({ min: -1e12, max: 2e12 }).map(String),
  ),
  date: instants.map((text) => `"${text.slice(0, 10)}"`),
  boolean: fc.constantFrom('true', 'false'),
  int: fc.oneof(
    fc.integer().map(String),
    fc.integer().map((value) => `${value}.0`),
  ),
  long: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  double: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }).map(String), cents),
  float: fc.oneof(fc.float({ noNaN: true, noDefaultInfinity: true }).map(String), cents),
  decimal: cents,
}
const edges: Record<string, fc.Arbitrary<string>> = {
  timestamp: times.map((text) => `"${text}"`),
  date: times.map((text) => `"${text.slice(0, 10)}"`),
  string: strings,
  uuid: strings,
  boolean: oddValues,
}
const edgeFor = (kind: string): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 4, arbitrary: edges[kind] ?? numbers },
    { weight: 2, arbitrary: fc.constant('null') },
    { weight: 1, arbitrary: fc.oneof(numbers, strings, oddValues) },
  )

const space = fc.constantFrom('', '', '', ' ', '  ', '\t', '\r')
export const style = fc.record({ colon: space, comma: space, close: space })
type Style = typeof style extends fc.Arbitrary<infer S> ? S : never

/** An object with these members in this order; values are source texts. */
export const writeObject = (members: readonly (readonly [string, string])[], { colon, comma, close }: Style): string =>
  `{${members.map(([key, value]) => `${JSON.stringify(key)}:${colon}${value}`).join(`,${comma}`)}${close}}`

const { fields: schemaFields } = allTypesSchema
/** All fields in order: good values, and in up to two places another one. */
export const allMembers = fc
  .tuple(
    fc.tuple(
      ...schemaFields.map(({ type }) =>
        type.kind === 'decimal' && type.scale === 0 ? fc.integer().map(String) : goodValues[type.kind]!,
      ),
    ),
    fc.array(
      fc
        .nat(schemaFields.length - 1)
        .chain((index) => edgeFor(schemaFields[index]!.type.kind).map((value) => [index, value] as const)),
      { maxLength: 2 },
    ),
  )
  .map(([values, replaced]) =>
    schemaFields.map(({ name }, index) => [name, new Map(replaced).get(index) ?? values[index]!] as const),
  )
export const extraMember = fc.tuple(
  fc.constantFrom('extra', 'Fare', '1', 'é', 'ids', '__proto__', 'id', 'fare'),
  fc.oneof(cents, strings, fc.json(), oddValues),
)

/** Mostly whole records; some with keys left out, added, repeated or in another order. */
const members = fc.oneof(
  { weight: 3, arbitrary: allMembers },
  { weight: 1, arbitrary: allMembers.chain((all) => fc.shuffledSubarray([...all], { minLength: all.length })) },
  { weight: 1, arbitrary: allMembers.chain((all) => fc.subarray([...all])) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(allMembers, fc.array(extraMember, { maxLength: 3 }), fc.boolean())
      .map(([all, extra, first]) => (first ? [...extra, ...all] : [...all, ...extra])),
  },
)

const document = fc.tuple(members, style).map(([list, how]) => Buffer.from(writeObject(list, how)))
const damaged = fc.tuple(document, fc.nat(), fc.nat(255), fc.boolean()).map(([bytes, at, byte, cut]) => {
  const place = at % bytes.length
  return cut
    ? bytes.subarray(0, place)
    : Buffer.concat([bytes.subarray(0, place), Uint8Array.of(byte), bytes.subarray(place + 1)])
})
export const line = fc
  .oneof(
    { weight: 6, arbitrary: document },
    { weight: 1, arbitrary: damaged },
    { weight: 1, arbitrary: fc.json().map((text) => Buffer.from(text)) },
  )
  // A line feed would make two lines of it.
  .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 10 ? 32 : byte))))
  .filter((bytes) => bytes.length > 0 && bytes.at(-1) !== 13)
