import assert from 'node:assert/strict'
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { streamsOf } from '#language/plan/plan.ts'
import firstQuery from '../../examples/first-query/app.ts'
import { embeddedPlatform } from '../../src/wiring.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'

const APP = 'examples/first-query'
const EXIT = { done: 0, user: 2, external: 3 } as const

/** The real process, as a person runs it. */
function mysimbdp(...args: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, ['bin/mysimbdp.js', ...args], { encoding: 'utf8', maxBuffer: 1 << 28 })
}

interface RunDocument {
  readonly queries: Readonly<Record<string, { readonly rows: readonly unknown[]; readonly late: number }>>
  readonly input: Readonly<
    Record<string, { readonly read: number; readonly accepted: number; readonly rejected: number }>
  >
}

function runDocument(...args: readonly string[]): RunDocument {
  const { status, stdout, stderr } = mysimbdp('run', APP, '--format', 'json', ...args)
  assert.equal(status, EXIT.done, stderr)
  return JSON.parse(stdout) as RunDocument
}

function refused(code: number, wanted: RegExp, ...args: readonly string[]): void {
  const { status, stdout, stderr } = mysimbdp(...args)
  assert.match(stderr, wanted)
  assert.deepEqual([status, stdout], [code, ''], stderr)
  assert.doesNotMatch(stderr, /\n {4}at /, 'no stack trace')
}

const good = (second: number): string =>
  JSON.stringify({ sensor: 'north', at: `2024-06-01T08:00:${String(second).padStart(2, '0')}Z`, celsius: 20.5 })

const BAD: Readonly<Record<string, string | Uint8Array>> = {
  'cut in the middle': '{"sensor":"north","at":"2024-06-01T08:0',
  'no JSON': 'celsius is 20',
  'a list': '[1,2]',
  NaN: '{"sensor":"n","at":1717228800000,"celsius":NaN}',
  'a text for a number': '{"sensor":"n","at":1717228800000,"celsius":"20"}',
  'a number for a text': '{"sensor":5,"at":1717228800000,"celsius":20}',
  'too many decimals': '{"sensor":"n","at":1717228800000,"celsius":20.55}',
  'out of range': '{"sensor":"n","at":1717228800000,"celsius":1e400}',
  'an impossible date': '{"sensor":"n","at":"2024-02-30T08:00:00Z","celsius":20}',
  'a local time that is skipped': '{"sensor":"n","at":"2024-03-31T02:30:00","celsius":20}',
  'no event time': '{"sensor":"n","at":null,"celsius":20}',
  'a missing field': '{"at":1717228800000,"celsius":20}',
  'other columns': '{"sensor":"n","at":1717228800000,"Celsius":20}',
  'not UTF-8': Uint8Array.from([
    ...Buffer.from('{"sensor":"'),
    0xff,
    0xfe,
    ...Buffer.from('","at":1717228800000,"celsius":20}'),
  ]),
  'two megabytes': `{"sensor":"${'x'.repeat(2_000_000)}","at":1717228800000,"celsius":20}`,
}

describe('a bad record', () => {
  for (const [what, record] of Object.entries(BAD)) {
    it(`that is ${what} is kept with its reason, and those around it count`, () =>
      withScratchFolder(async (folder) => {
        const [input, data] = [join(folder, 'input.ndjson'), join(folder, 'data')]
        writeFileSync(
          input,
          Buffer.concat([Buffer.from(`${good(1)}\n`), Buffer.from(record), Buffer.from(`\n${good(2)}\n`)]),
        )
        const { input: counts, queries } = runDocument('--input', input, '--data', data)
        assert.deepEqual(counts, { readings: { read: 3, accepted: 2, rejected: 1 } })
        assert.deepEqual(
          queries.warmth!.rows.map((row) => (row as { readings: number }).readings),
          [2],
        )
        const list = mysimbdp('dead-letters', 'list', '--data', data)
        assert.match(list.stdout, /greenhouse_readings: 1 rejected record\n/)
        const shown = mysimbdp('dead-letters', 'show', '1', '--data', data)
        assert.match(
          shown.stdout,
          /^offset {4}1 of greenhouse_readings, partition 0\narrived .*Z\nreason .*\([a-z_]+\)\n/,
        )
        assert.ok(shown.stdout.includes(Buffer.from(record).subarray(0, 80).toString('utf8').slice(0, 9)))
      }))
  }

  it('is an alarm when most are bad', () =>
    withScratchFolder(async (folder) => {
      const input = join(folder, 'input.ndjson')
      writeFileSync(input, `${BAD['other columns']}\n`.repeat(20))
      const { status, stderr } = mysimbdp('run', APP, '--input', input, '--format', 'json')
      assert.equal(status, EXIT.done)
      assert.match(
        stderr,
        /warning: 100 % of 20 records of readings were rejected: field 'celsius' is missing; the records have 'Celsius'/,
      )
    }))
})

describe('an input', () => {
  const withInput = (name: string, content: string | Uint8Array, work: (path: string) => void) =>
    withScratchFolder(async (folder) => {
      const path = join(folder, name)
      writeFileSync(path, content)
      work(path)
    })

  it('of a local time that occurs twice takes the first and says so', () =>
    withInput('i.ndjson', '{"sensor":"n","at":"2024-10-27T02:30:00","celsius":20}\n', (path) => {
      const { stdout } = mysimbdp('run', APP, '--input', path)
      assert.match(stdout, /2024-10-27T02:30:00.000\+02:00/)
      assert.match(stdout, /1 records? of readings .*occurs twice/)
    }))

  it('without records is no error, and is remarked on', () =>
    withInput('i.ndjson', '\n\n', (path) => {
      assert.match(mysimbdp('run', APP, '--input', path).stderr, /warning: the input of readings holds no records/)
    }))

  it('whose last line is cut loses that line alone', () =>
    withInput('i.ndjson', `${good(1)}\n${good(2).slice(0, 30)}`, (path) => {
      assert.deepEqual(runDocument('--input', path).input, { readings: { read: 2, accepted: 1, rejected: 1 } })
    }))

  it('of CSV with a quote that never ends loses one line', () =>
    withInput(
      'i.csv',
      'sensor,at,celsius\nnorth,2024-06-01T08:00:01Z,20\n"north,2024-06-01T08:00:02Z,20\nnorth,2024-06-01T08:00:03Z,20\n',
      (path) => {
        assert.deepEqual(runDocument('--input', path).input, { readings: { read: 3, accepted: 2, rejected: 1 } })
      },
    ))

  it('that is there twice is read twice, in order', () =>
    withInput('i.ndjson', `${good(1)}\n`, (path) => {
      assert.equal(runDocument('--input', `readings=${path}`, '--input', path).input.readings!.read, 2)
    }))

  it('whose compressed data is cut is refused with how far it was readable', () =>
    withInput(
      'i.ndjson.gz',
      gzipSync(Array.from({ length: 5000 }, (_, i) => good(i % 60)).join('\n')).subarray(0, 400),
      (path) => {
        refused(EXIT.user, /ends in the middle[\s\S]*records read \d+/, 'run', APP, '--input', path)
      },
    ))

  it('that cannot be opened, is a folder, or is UTF-16 is named', () =>
    withInput('wide.ndjson', Buffer.from('\ufeff{}', 'utf16le'), (path) => {
      refused(EXIT.user, /no such file/, 'run', APP, '--input', `${path}.none`)
      refused(EXIT.user, /it is a folder/, 'run', APP, '--input', join(path, '..'))
      refused(EXIT.user, /UTF-16/, 'run', APP, '--input', path)
    }))
})

describe('a command line that cannot work is refused before anything is read', () => {
  const cases: readonly (readonly [RegExp, ...string[]])[] = [
    [/no app at 'nowhere'/, 'run', 'nowhere'],
    [/does not export an app/, 'run', 'examples/chicago-taxi/trip-schema.ts'],
    [/no stream 'nope'; it reads readings/, 'run', APP, '--input', 'nope=x.ndjson'],
    [/no query 'nope'; it has warmth/, 'run', APP, '--query', 'nope'],
    [/has no generated sample/, 'run', APP],
    [/choose one with --query/, 'run', 'examples/chicago-taxi', '--format', 'csv'],
    [/--records belong/, 'run', APP, '--records', '5', '--input', `${APP}/readings.ndjson`],
    [/there is no folder/, 'run', APP, '--input', `${APP}/readings.ndjson`, '--out', 'no/such/folder/out.json'],
    [/must be a whole number/, 'run', APP, '--rows', 'many'],
    [/unknown option/, 'run', APP, '--nope'],
    [/there is no log in/, 'dead-letters', 'list', '--data', 'no-such-folder'],
    [/there is no run in/, 'rebuild', APP, '--data', 'no-such-folder'],
    [/It must be a date like/, 'run', 'examples/chicago-taxi', '--date', 'yesterday'],
  ]
  for (const [wanted, ...args] of cases) it(args.join(' '), () => refused(EXIT.user, wanted, ...args))
})

describe('a data folder', () => {
  const INPUT = `${APP}/readings.ndjson`
  const run = (data: string, ...args: readonly string[]) =>
    mysimbdp('run', APP, '--input', INPUT, '--format', 'json', '--data', data, ...args)
  const withRun = (work: (data: string, document: string) => Promise<void> | void) =>
    withScratchFolder(async (folder) => {
      const data = join(folder, 'data')
      const { status, stdout, stderr } = run(data)
      assert.equal(status, EXIT.done, stderr)
      await work(data, stdout)
    })

  it('of a finished run gives the same results again', () =>
    withRun((data, document) => assert.equal(run(data).stdout, document)))

  it('refuses another run, and says how it differs', () =>
    withRun((data) => {
      const other = ['--data', data, '--format', 'json']
      refused(EXIT.user, /begun without --as-stream/, 'run', APP, '--input', INPUT, '--as-stream', ...other)
      refused(EXIT.user, /its inputs were other ones/, 'run', APP, '--input', INPUT, '--input', INPUT, ...other)
      refused(EXIT.user, /it is of app 'greenhouse'/, 'run', 'examples/chicago-taxi', '--records', '10', ...other)
    }))

  it('whose state is damaged or gone says so, and a rebuild gives the same results', () =>
    withRun((data, document) => {
      for (const harm of [
        () => writeFileSync(join(data, 'job.db'), 'garbage'.repeat(2000)),
        () => truncateSync(join(data, 'job.db'), 5000),
        () => rmSync(join(data, 'job.db')),
      ]) {
        for (const suffix of ['-wal', '-shm']) rmSync(join(data, `job.db${suffix}`), { force: true })
        harm()
        const broken = run(data)
        assert.equal(broken.status, EXIT.external, broken.stderr)
        assert.match(broken.stderr, /state file[\s\S]*mysimbdp rebuild/)
        assert.equal(mysimbdp('rebuild', APP, '--data', data).status, EXIT.done)
        assert.equal(run(data).stdout, document)
      }
    }))

  it('whose log is damaged says so and names the file', () =>
    withRun((data) => {
      const segment = join(data, 'log/greenhouse_readings/partition-0/segment-00000000000000000000.db')
      for (const suffix of ['-wal', '-shm']) rmSync(`${segment}${suffix}`, { force: true })
      writeFileSync(segment, Buffer.alloc(readFileSync(segment).length, 0x5a))
      const broken = run(data)
      assert.equal(broken.status, EXIT.external)
      assert.match(broken.stderr, /damaged[\s\S]*segment-0+\.db/)
      assert.doesNotMatch(broken.stderr, /\n {4}at /)
    }))

  it('of a changed query is refused, and rebuilt when asked', () =>
    withRun((data, document) => {
      const changed = 'tmp/changed-first-query'
      mkdirSync(changed, { recursive: true })
      try {
        cpSync(APP, changed, { recursive: true })
        writeFileSync(
          join(changed, 'app.ts'),
          readFileSync(join(APP, 'app.ts'), 'utf8').replace("'1 minute'", "'30 seconds'"),
        )
        const again = ['--input', INPUT, '--format', 'json', '--data', data]
        refused(EXIT.user, /queries of 'greenhouse' have changed[\s\S]*rebuild/, 'run', changed, ...again)
        assert.equal(mysimbdp('rebuild', changed, '--data', data).status, EXIT.done)
        const rebuilt = mysimbdp('run', changed, ...again)
        assert.equal(rebuilt.status, EXIT.done, rebuilt.stderr)
        assert.equal(rebuilt.stdout, mysimbdp('run', changed, '--input', INPUT, '--format', 'json').stdout)
        assert.notEqual(rebuilt.stdout, document)
      } finally {
        rmSync(changed, { recursive: true })
      }
    }))

  it('that somebody else works on is left to them', () =>
    withRun(async (data, document) => {
      const { schema, eventTime } = streamsOf(firstQuery.plan).get('readings')!
      const broker = embeddedPlatform.openBroker(data)
      await broker.openStream({ topic: 'greenhouse_readings', schema, eventTime, partitions: 1 })
      refused(EXIT.user, /in use by another process/, 'run', APP, '--input', INPUT, '--format', 'json', '--data', data)
      await broker.close()
      assert.equal(run(data).stdout, document)
    }))
})

it('a reader that goes away, or a full device, is no silence and no stack trace', () => {
  const piped = spawnSync(
    'bash',
    ['-c', `set -o pipefail; "${process.execPath}" bin/mysimbdp.js generate examples/chicago-taxi | head -n 1 | wc -l`],
    { encoding: 'utf8' },
  )
  assert.deepEqual([piped.stdout.trim(), piped.stderr], ['1', ''])
  const full = spawnSync(
    'bash',
    ['-c', `"${process.execPath}" bin/mysimbdp.js generate examples/chicago-taxi > /dev/full`],
    { encoding: 'utf8' },
  )
  assert.notEqual(full.status, 0)
  assert.match(full.stderr, /no space/i)
  assert.doesNotMatch(full.stderr, /\n {4}at /)
})
