import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { RejectionCode } from '#dataplane/records/record-batch.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { commandLine, deadLettersIn, documentOf, type RunDocument } from './product-process.ts'

const APP = 'test/product/every-type'
const AT = '"at":1712000000000'

/** A record that would be accepted without its last member. */
const with_ = (member: string): string => `{"id":"x",${AT},${member}}`

type Case = readonly [line: string, rejected: RejectionCode | null]

const JSON_LINES: readonly Case[] = [
  ...['{', '}', '"', '\\', '\u0000', 'garbage', '{}}', '{"id":"x"', `{"id":"x",${AT},}`, "{'id':'x'}", '{id:"x"}'].map(
    (line): Case => [line, 'malformed'],
  ),
  [`{"id":"x" ${AT}}`, 'malformed'],
  [`{"id":"x",${AT}} x`, 'malformed'],
  [`{"id":"x",${AT}}{"id":"y",${AT}}`, 'malformed'],
  [`{"id":"\\x",${AT}}`, 'malformed'],
  [`{"id":"a\tb",${AT}}`, 'malformed'],
  [`{"id":"\\ud800",${AT}}`, 'wrong_encoding'],
  ...['[]', '[1]', 'null', '"text"', '12', 'true'].map((line): Case => [line, 'not_an_object']),
  ['{}', 'missing_field'],
  [`{${AT}}`, 'missing_field'],
  ['{"id":"x"}', 'missing_field'],
  [`{"id":null,${AT}}`, 'null_not_allowed'],
  ['{"id":"x","at":null}', 'null_not_allowed'],
  [`{"identity":"x",${AT}}`, 'renamed_field'],
  [with_('"unknown":1'), 'renamed_field'],
  [`{"id":1,${AT}}`, 'wrong_type'],
  ...['NaN', 'Infinity', '-Infinity', '01', '+1', '.5', '1.', '0x10', '1e', 'undefined', "'1'"].map(
    (number): Case => [with_(`"real":${number}`), 'malformed'],
  ),
  [with_('"real":1e400'), 'out_of_range'],
  [with_('"real":-1e400'), 'out_of_range'],
  [with_('"real":"1"'), 'wrong_type'],
  [with_('"single":1e39'), 'out_of_range'],
  [with_('"whole":8.5'), 'wrong_type'],
  [with_('"whole":"8"'), 'wrong_type'],
  [with_('"whole":[1]'), 'wrong_type'],
  [with_('"whole":{}'), 'wrong_type'],
  [with_('"whole":2147483648'), 'out_of_range'],
  [with_('"wide":9223372036854775808'), 'out_of_range'],
  [with_('"wide":-9223372036854775809'), 'out_of_range'],
  [with_('"wide":1e999999999'), 'out_of_range'],
  [with_('"money":1.234'), 'too_many_decimals'],
  [with_('"money":1e-400000000'), 'too_many_decimals'],
  [with_('"money":123456789'), 'out_of_range'],
  [with_('"flag":1'), 'wrong_type'],
  [with_('"flag":"true"'), 'wrong_type'],
  [with_('"day":"2024-02-30"'), 'invalid_time'],
  [with_('"day":20240229'), 'wrong_type'],
  [with_('"key":"xyz"'), 'wrong_type'],
  ['{"id":"x","at":"2024-03-31T02:30:00"}', 'nonexistent_local_time'],
  ...['2024-13-01T00:00:00', '2024-02-30T00:00:00Z', '2024-02-03T25:00:00Z', 'yesterday', ''].map(
    (time): Case => [`{"id":"x","at":"${time}"}`, 'invalid_time'],
  ),
  ...['1e400', '1e20', '-1e20'].map((time): Case => [`{"id":"x","at":${time}}`, 'invalid_time']),
  [with_('"real":-0'), null],
  [with_('"money":-0.00,"wide":-0'), null],
  [with_('"whole":8.0'), null],
  [with_('"wide":9007199254740993,"money":1.230000'), null],
  [with_('"key":"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11","day":"2024-02-29"'), null],
  [`{"id":"x",${AT},"id":"last"}`, null],
  ['{"id":"twice","at":"2024-10-27T02:30:00"}', null],
]

const CSV_HEADER = 'id,at,whole,wide,single,real,money,flag,day,key'
const row = (values: string): string => `x,1712000000000,${values}`

/** Each is one line of the file, and costs no other. */
const CSV_ROWS: readonly Case[] = [
  ['ragged,1', 'wrong_column_count'],
  [row(',,,,,,,,'), 'wrong_column_count'],
  ['x,"1712000000000,,,,,,,,', 'malformed'],
  [row('"1"2,,,,,,,'), 'malformed'],
  ['""",1712000000000,,,,,,,,', 'malformed'],
  ['x"y,1712000000000,,,,,,,,', 'malformed'],
  [row('abc,,,,,,,'), 'wrong_type'],
  [row('NaN,,,,,,,'), 'wrong_type'],
  [row(',,,1e400,,,,'), 'out_of_range'],
  [row(',9223372036854775808,,,,,,'), 'out_of_range'],
  [row(',,,,1.234,,,'), 'too_many_decimals'],
  [row(',,,,,yes,,'), 'wrong_type'],
  [row(',,,,,,2024-02-30,'), 'invalid_time'],
  ['x,2024-03-31T02:30:00,,,,,,,,', 'nonexistent_local_time'],
  ['x,,,,,,,,,', 'null_not_allowed'],
  [',1712000000000,,,,,,,,', 'null_not_allowed'],
  [row('1e2,9007199254740993,,,1.20,TRUE,2024-02-29,'), null],
  ['"two\nlines, and ""quotes""",1712000000000,,,,,,,,', null],
]

/** Good records stand between the cases, so that each must be found again after a bad one. */
async function runCases(cases: readonly Case[], input: string, before: string, good: string) {
  return withScratchFolder(async (folder) => {
    const [file, data] = [join(folder, input), join(folder, 'data')]
    writeFileSync(file, `${before}${cases.map(([line]) => `${line}\n${good}\n`).join('')}`)
    const document = documentOf(await commandLine('run', APP, '--input', file, '--data', data, '--format', 'json'))
    return {
      document,
      letters: await deadLettersIn(data),
      list: await commandLine('dead-letters', 'list', '--data', data),
    }
  })
}

function assertOutcome({ queries, input }: RunDocument, cases: readonly Case[]): void {
  const rejected = cases.filter(([, code]) => code !== null).length
  const accepted = 2 * cases.length - rejected
  assert.deepEqual(input, { events: { read: 2 * cases.length, accepted, rejected } })
  assert.equal(queries.ids!.rows.length, accepted)
  assert.equal(queries.ids!.rows.filter(({ id }) => id === 'good').length, cases.length, 'each record after a bad one')
  const counted = queries.hourly!.rows.reduce((sum, { records }) => sum + (records as number), 0)
  assert.equal(counted, accepted, 'nothing is lost, nothing counts twice')
}

describe('every kind of bad record is a dead letter with its reason, and those around it count', () => {
  for (const [what, cases, input, before, good] of [
    ['JSON', JSON_LINES, 'input.ndjson', '', `{"id":"good",${AT}}`],
    ['CSV', CSV_ROWS, 'input.csv', `${CSV_HEADER}\n`, 'good,1712000000000,,,,,,,,'],
  ] as const) {
    it(`in ${what}`, async () => {
      const { document, letters, list } = await runCases(cases, input, before, good)
      assert.deepEqual(
        letters.map(({ offset, code, raw }) => [cases[offset / 2]![0], code, raw]),
        cases.flatMap(([line, code]) => (code === null ? [] : [[line, code, line]])),
      )
      assertOutcome(document, cases)
      assert.ok(list.stdout.startsWith(`everytype_events: ${letters.length} rejected records\n`))
    })
  }

  it('values at the edge of their type keep all their digits', () =>
    withScratchFolder(async (folder) => {
      const input = join(folder, 'input.ndjson')
      writeFileSync(input, JSON_LINES.flatMap(([line, code]) => (code === null ? [`${line}\n`] : [])).join(''))
      const { stdout } = await commandLine('run', APP, '--input', input, '--format', 'json')
      for (const text of [
        '"wide":9007199254740993,"single":null,"real":null,"money":1.23,',
        '"real":0,',
        '"wide":0,"single":null,"real":null,"money":0.00,',
        '"key":"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"',
        '"id":"last"',
        '{"id":"twice","at":"2024-10-27T02:30:00.000+02:00"',
      ])
        assert.ok(stdout.includes(text), `${text} in ${stdout}`)
    }))
})

it('a record nested two hundred thousand deep stops nothing', () =>
  withScratchFolder(async (folder) => {
    const input = join(folder, 'input.ndjson')
    const open = `{"id":"x",${AT},"extra":${'['.repeat(200_000)}`
    writeFileSync(input, `${open}\n${open}${']'.repeat(200_000)}}\n{"id":"good",${AT}}\n`)
    const { input: counts } = documentOf(await commandLine('run', APP, '--input', input, '--format', 'json'))
    assert.deepEqual(counts, { events: { read: 3, accepted: 1, rejected: 2 } })
  }))

it('what a record says to the terminal is shown, not obeyed', () =>
  withScratchFolder(async (folder) => {
    const [input, data] = [join(folder, 'input.ndjson'), join(folder, 'data')]
    writeFileSync(input, `{"id":"\\u001b[31mred",${AT}}\n\u001b[2J\u001b]0;title\u0007\n`)
    const said = [
      await commandLine('run', APP, '--input', input, '--data', data),
      await commandLine('dead-letters', 'list', '--data', data),
      await commandLine('dead-letters', 'show', '1', '--data', data),
    ]
    for (const { status, stdout, stderr } of said) {
      assert.equal(status, 0, stderr)
      assert.ok(stdout.includes('\\u001b[2J\\u001b]0;title\\u0007'), stdout)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the one that must not come through
      assert.doesNotMatch(stdout + stderr, /\u001b|\u0007/)
    }
    assert.ok(said[0]!.stdout.includes('\\u001b[31mred'))
  }))
