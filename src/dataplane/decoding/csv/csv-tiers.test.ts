import assert from 'node:assert/strict'
import { isUtf8 } from 'node:buffer'
import { test } from 'node:test'
import fc from 'fast-check'
import type { CsvFormat } from '#language/schemas/csv-format.ts'
import type { TypeKind } from '#language/schemas/field-types.ts'
import { createCsvDecoder } from '../decoder.ts'
import { createDecoderFields } from '../decoder-field.ts'
import { type CarefulResult, PendingRecords } from '../pending-records.ts'
import { wrongEncoding } from '../rejections.ts'
import { allTypes } from '../testing/all-types-schema.fixture.ts'
import { decodeAll, NO_GUARD, valuesOf } from '../testing/decode-all.fixture.ts'
import { numbers, texts, times } from '../testing/json-lines.fixture.ts'
import { readCsvCarefully } from './careful-csv.ts'
import { type CsvHeader, readCsvHeader } from './csv-header.ts'
import { compileRowDecoder } from './row-decoder.ts'
import { RowSplitter } from './row-splitter.ts'

const RECORD_BYTES_MAX = 1 << 20
const NAMES = allTypes.schema.fields.map(({ name }) => name)
/** As portals write it: other names, a sign for money, a pattern of their own, one column for two fields. */
const portal: CsvFormat = {
  name: 'portal',
  columns: { ...Object.fromEntries(NAMES.map((name) => [name, `The ${name}`])), whole: 'The seconds' },
  ignored: ['Area', 'More'],
  currency: '$',
  thousands: ',',
  timestampPattern: 'MM/DD/YYYY hh:mm:ss A',
}
const newFields = () => createDecoderFields(allTypes)

const wholes = fc.integer({ min: -9999, max: 9999 }).map(String)
const cents = fc.integer({ min: -99_999, max: 99_999 }).map((n) => (n / 100).toFixed(2))
const money = fc.oneof(
  { weight: 9, arbitrary: cents },
  { weight: 9, arbitrary: cents.map((text) => `$${text}`) },
  fc.constantFrom('$1,234.50', '3,060', '-$5', '$-5', '$', '$$5', '1,23', '€5', '$8.75x'),
)
const portalTimes = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom('04/13/2024 07:48:15 PM', '11/03/2024 01:30:00 AM') },
  fc.constantFrom('03/10/2024 02:30:00 AM', '04/13/2024 13:00:00 PM'),
  times,
)
const pads = fc.constantFrom('', '', '', '', ' ', '\r', '"')
const good: Readonly<Record<TypeKind, fc.Arbitrary<string>>> = {
  string: fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom('a', 'Flash Cab', 'O’Hare', '日本', 'x'.repeat(150)) },
    { weight: 1, arbitrary: fc.constantFrom('Taxicab Insurance, LLC', 'a "b"', 'two\nlines', '\rz') },
  ),
  uuid: fc.uuid(),
  int: wholes,
  long: wholes,
  float: cents,
  double: cents,
  decimal: cents,
  boolean: fc.oneof({ weight: 9, arbitrary: fc.constantFrom('true', 'false') }, fc.constantFrom('TRUE', 'False')),
  timestamp: fc.constantFrom('2024-04-13T19:48:15.123Z', '2024-11-03T01:30:00', '1712000000000', '2024-04-13 19:48'),
  date: fc.constantFrom('2024-04-13', '2024-02-29', '1969-12-31'),
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`
const NEEDS_QUOTES = /[",\r\n]/
/** A field as a writer may put it: quoted where it must be, and sometimes where it need not; now and then wrongly. */
const written = fc.tuple(fc.nat(199), fc.nat(49)).map(([odd, quote]) => (text: string): string => {
  if (odd === 0) return text
  return NEEDS_QUOTES.test(text) || quote === 0 ? quoted(text) : text
})

function cells(kind: TypeKind, isPortal: boolean): fc.Arbitrary<string> {
  const usual = isPortal && kind === 'timestamp' ? portalTimes : isPortal && kind === 'decimal' ? money : good[kind]
  return fc
    .tuple(
      fc.oneof(
        { weight: 200, arbitrary: usual },
        { weight: 1, arbitrary: numbers },
        { weight: 1, arbitrary: texts },
        { weight: 10, arbitrary: fc.constant('') },
      ),
      fc.nat(200),
      pads,
      written,
    )
    .map(([text, dice, pad, write]) => write(dice === 0 ? `${text}${pad}` : text))
}

interface Input {
  readonly header: readonly string[]
  readonly rows: readonly string[]
  readonly lineEnd: string
}

const columnsOf = fc.tuple(fc.boolean(), fc.nat(9)).chain(([isPortal, choice]) => {
  const all = isPortal ? [...new Set(Object.values(portal.columns)), 'Area', 'More'] : NAMES
  const names =
    !isPortal && choice === 0
      ? fc.shuffledSubarray([...all], { minLength: 2 })
      : fc.shuffledSubarray([...all], { minLength: all.length })
  const extra = isPortal ? fc.constant([]) : fc.subarray(['more', 'at', 'Ünknown'])
  return fc
    .tuple(fc.constant(isPortal), names, extra)
    .map(([, some, more]) => ({ isPortal, header: [...some, ...more] }))
})

const input: fc.Arbitrary<Input> = columnsOf.chain(({ isPortal, header }) => {
  const kindOf = (column: string): TypeKind => {
    const name = isPortal ? column.replace('The ', '') : column
    return allTypes.schema.fields.find((field) => field.name === name)?.type.kind ?? 'string'
  }
  const row = fc
    .tuple(fc.tuple(...header.map((column) => cells(kindOf(column), isPortal))), fc.nat(40))
    .map(([all, dice]) => (dice === 0 ? all.slice(1) : dice === 1 ? [...all, ''] : all).join(','))
  return fc
    .tuple(fc.array(row, { minLength: 1, maxLength: 6 }), fc.constantFrom('\n', '\r\n', '\n\n'))
    .map(([rows, lineEnd]) => ({ header, rows, lineEnd }))
})

const bytesOf = ({ header, rows, lineEnd }: Input): Buffer =>
  Buffer.from([header.join(','), ...rows].map((row) => row + lineEnd).join(''))

/** Every row as the careful reader alone reads it; `undefined` where it is none. */
function carefully(bytes: Buffer): readonly CarefulResult[] {
  const splitter = new RowSplitter(RECORD_BYTES_MAX)
  const fields = newFields()
  const results: CarefulResult[] = []
  let header: CsvHeader | null = null
  const padded = Buffer.concat([bytes, Buffer.alloc(1, '\n')])
  for (let at = 0; at < padded.length; at += splitter.lengthWithEnd) {
    let outcome = splitter.scan(padded, at, padded.length)
    if (outcome === 'incomplete') outcome = splitter.scanLast(padded, at, padded.length)
    if (splitter.length === 0) continue
    const row = padded.subarray(at, at + splitter.length)
    const found = Array.from({ length: splitter.count }, (_, index) => {
      const text = row.toString('utf8', splitter.starts[index], splitter.ends[index])
      return splitter.doubled[index] === 1 ? text.replaceAll('""', '"') : text
    })
    if (header === null) header = readCsvHeader(found, fields, [portal])
    else if (!isUtf8(row)) results.push({ rejection: wrongEncoding() })
    else if (outcome === 'row') results.push(readCsvCarefully(found, header, fields, allTypes.timeZone))
    else results.push({ rejection: { code: 'malformed', field: null, expected: 'a CSV row', found: null } })
  }
  return results
}

const valuesIn = (result: CarefulResult) =>
  'readings' in result ? result.readings.map((reading) => reading?.value ?? null) : null
const reasonIn = (result: CarefulResult) =>
  'rejection' in result ? [result.rejection.code, result.rejection.field] : null

test('a decoder gives for each row what the careful reader gives, however the input is cut', () => {
  const cut = fc.tuple(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 9 }))
  fc.assert(
    fc.property(input, cut, (csv, [chunkBytes, recordsMax]) => {
      const bytes = bytesOf(csv)
      const decoded = decodeAll(createCsvDecoder({ ...allTypes, csvFormats: [portal] }), bytes, chunkBytes, recordsMax)
      const results = carefully(bytes)
      assert.equal(decoded.received, results.length)
      assert.deepEqual(
        decoded.rows,
        results.flatMap((result, position) => ('readings' in result ? [[position, ...valuesIn(result)!]] : [])),
      )
      assert.deepEqual(
        decoded.rejected.map(({ position, rejection: { code, field } }) => [position, code, field]),
        results.flatMap((result, position) => ('rejection' in result ? [[position, ...reasonIn(result)!]] : [])),
      )
    }),
    { numRuns: 1500 },
  )
})

test('fields that are not kept are checked all the same', () => {
  const kept = new Set(['seconds', 'rider', 'fare'])
  const keptIndexes = NAMES.flatMap((name, index) => (kept.has(name) || name === allTypes.eventTime ? [index] : []))
  fc.assert(
    fc.property(input, (csv) => {
      const bytes = bytesOf(csv)
      const all = decodeAll(createCsvDecoder({ ...allTypes, csvFormats: [portal] }), bytes)
      const some = decodeAll(createCsvDecoder({ ...allTypes, csvFormats: [portal], fieldsKept: kept }), bytes)
      assert.deepEqual(some.rejected, all.rejected)
      assert.deepEqual(
        some.rows,
        all.rows.map(([position, ...values]) => [position!, ...keptIndexes.map((index) => values[index]!)]),
      )
    }),
    { numRuns: 300 },
  )
})

test('code generated for a header accepts only what the careful reader accepts, and plain rows it does accept', () => {
  let [quick, plain] = [0, 0]
  fc.assert(
    fc.property(input, ({ header, rows, lineEnd }) => {
      for (const row of rows) {
        const result = carefully(bytesOf({ header, rows: [row], lineEnd }))
        const pending = new PendingRecords(allTypes)
        const decode = compileRowDecoder(
          readCsvHeader(header, pending.fields, [portal]),
          pending.fields,
          RECORD_BYTES_MAX,
        )
        if (decode === null) return
        const line = Buffer.from(`${row}${lineEnd}`)
        const padded = new Uint8Array(line.length + 100).fill(0x35)
        padded.set(line)
        const end = decode(padded, new DataView(padded.buffer), 0, line.length, 0, pending)
        if ('readings' in result[0]! && !row.includes('"')) plain++
        if (end === 0) continue
        quick++
        // A row written wrongly, with a line break outside quotes, is two: the code must stop where the first ends.
        const first = new RowSplitter(RECORD_BYTES_MAX)
        assert.equal(first.scan(line, 0, line.length), 'row')
        assert.equal(end, first.lengthWithEnd)
        const { batch, ambiguousTimes } = pending.take(1, NO_GUARD, undefined as never)!
        assert.deepEqual(valuesOf(batch)[0], valuesIn(result[0]!))
        assert.equal(
          ambiguousTimes,
          'readings' in result[0]! && result[0].readings.some((reading) => reading?.ambiguous) ? 1 : 0,
        )
      }
    }),
    { numRuns: 1000 },
  )
  assert.ok(quick > 200 && quick > plain / 3, `${quick} of ${plain} plain rows were quick`)
})
