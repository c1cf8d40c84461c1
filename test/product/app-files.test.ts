import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { assertRefused, commandLine, EXIT, mysimbdp } from './product-process.ts'

/** Apps import the package by its name, so they must lie inside the repository. */
async function withAppFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  mkdirSync('tmp', { recursive: true })
  const folder = mkdtempSync(join('tmp', 'apps-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const withApp = <T>(name: string, code: string, work: (path: string) => Promise<T>): Promise<T> =>
  withAppFolder((folder) => {
    const path = join(folder, name)
    writeFileSync(path, code)
    return work(path)
  })

const STREAM = `
import { app, count, schema, stream, string, sum, timestamp, tumbling } from 'mysimbdp'
const events = stream('events', { schema: schema('event', { id: string(), at: timestamp() }), eventTime: 'at' })
`
const queryOf = (relation: string, zone = 'UTC'): string =>
  `${STREAM}export default app('broken', { timeZone: '${zone}' }, { q: ${relation}.output('complete') })`

const BROKEN: readonly (readonly [what: string, code: string, says: RegExp])[] = [
  ['is empty', '', /does not export an app as default/],
  ['exports something else', 'export default 5', /does not export an app as default/],
  ['is no TypeScript', 'export default {', /cannot be loaded: /],
  ['needs a compiler', 'enum A { B }\nexport default A', /cannot be loaded: TypeScript enum is not supported/],
  ['imports what is not there', "import { nope } from 'mysimbdp'", /does not provide an export named 'nope'/],
  ['throws an error', "throw new Error('boom')", /cannot be loaded: boom/],
  ['throws a text', "throw 'boom'", /cannot be loaded: it throws boom/],
  ['throws nothing', 'throw undefined', /cannot be loaded: it throws undefined/],
  [
    'names a field that is not there',
    queryOf("events.window(tumbling('1 minute')).aggregate({ n: sum('nope' as never) })"),
    /there is no field 'nope'/,
  ],
  [
    'names a zone that is not there',
    queryOf("events.window(tumbling('1 minute')).aggregate({ n: count() })", 'Mars/Phobos'),
    /there is no time zone 'Mars\/Phobos'; use an IANA name/,
  ],
]

describe('an app file is refused in words when it', () => {
  for (const [what, code, says] of BROKEN)
    it(what, () =>
      withApp('app.ts', code, async (path) => assertRefused(await commandLine('run', path), EXIT.user, says)),
    )

  it('is no program', () =>
    withApp('app.txt', 'hello', async (path) =>
      assertRefused(await commandLine('explain', path), EXIT.user, /cannot be loaded: Unknown file extension/),
    ))

  it('is not there', () =>
    withAppFolder(async (folder) => {
      for (const path of [folder, join(folder, 'none.ts')])
        assertRefused(await commandLine('run', path), EXIT.user, /there is no app at/)
    }))

  it('throws while its sample is generated', () => {
    const sample = `{ defaults: { records: 9, seed: 1, date: '2024-01-01', timeZone: 'UTC', faults: 0 }, *generate() { throw new Error('boom') } }`
    const code = queryOf("events.window(tumbling('1 minute')).aggregate({ n: count() })").replace(
      "eventTime: 'at'",
      `eventTime: 'at', sample: ${sample}`,
    )
    return withApp('app.ts', code, async (path) =>
      assertRefused(await commandLine('run', path), EXIT.user, /cannot be generated: boom/),
    )
  })
})

it('of two changed queries one is rebuilt at a time only when the other one kept its meaning', () =>
  withAppFolder(async (folder) =>
    withScratchFolder(async (scratch) => {
      const original = readFileSync('test/product/every-type/app.ts', 'utf8')
      const changed = original.replace("'1 hour'", "'30 minutes'")
      const both = changed.replace("notEqual('')", "notEqual('a')")
      const [first, second, third] = [original, changed, both].map((code, i) => {
        const path = join(folder, `app${i}.ts`)
        writeFileSync(path, code)
        return path
      }) as [string, string, string]
      const [input, data] = [join(scratch, 'i.ndjson'), join(scratch, 'data')]
      writeFileSync(input, '{"id":"a","at":1712000000000}\n{"id":"b","at":1712000000000}\n')
      const run = (path: string, ...data: readonly string[]) =>
        commandLine('run', path, '--input', input, '--format', 'json', ...data)
      assert.equal((await run(first, '--data', data)).status, EXIT.done)
      assertRefused(
        await run(second, '--data', data),
        EXIT.user,
        /the queries of 'everytype' have changed since the run in .*\n.*Rebuild them from the log: mysimbdp rebuild <app> --data /,
      )
      const rebuild = (path: string, ...queries: readonly string[]) =>
        commandLine('rebuild', path, '--data', data, ...queries)
      assertRefused(
        await rebuild(second, '--query', 'ids'),
        EXIT.user,
        /query 'hourly' has changed since its state was written/,
      )
      assertRefused(
        await rebuild(third, '--query', 'hourly'),
        EXIT.user,
        /query 'ids' has changed since its state was written/,
      )
      assert.equal((await rebuild(second, '--query', 'hourly')).status, EXIT.done)
      const rebuilt = await run(second, '--data', data)
      assert.equal(rebuilt.status, EXIT.done, rebuilt.stderr)
      assert.equal(rebuilt.stdout, (await run(second)).stdout)
      assert.equal((await rebuild(third)).status, EXIT.done)
      assert.equal((await run(third, '--data', data)).stdout, (await run(third)).stdout)
    }),
  ))

describe('what the command line itself refuses says what to do', () => {
  const REFUSED: readonly (readonly [RegExp, ...string[]])[] = [
    [/unknown command 'nope'/, 'nope'],
    [/missing required argument 'app'/, 'run'],
    [/too many arguments/, 'explain', 'a', 'b'],
    [/argument missing/, 'run', 'a', '--input'],
    [/must not be empty/, 'run', 'a', '--data', ''],
    [/must be a date like/, 'generate', 'a', '--date', '2024-13-45'],
    [/must be a number from 0 to 1/, 'generate', 'a', '--faults', '2'],
    [/say where the records are: --data <folder>/, 'dead-letters', 'list'],
    [/must be a whole number/, 'dead-letters', 'show', 'abc', '--data', 'x'],
  ]
  for (const [says, ...args] of REFUSED) it(args.join(' '), () => assertRefused(mysimbdp(args), EXIT.user, says))
})
