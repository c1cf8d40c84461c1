import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import taxi from '../../examples/chicago-taxi/app.ts'
import { liveRows } from '../support/live-rows.ts'
import { PlatformProcess, ProductProcess } from '../support/platform-process.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { Seeded } from '../support/seeded.ts'

const RECORDS = 12_000
const APP = '/v1/apps/tenantstreamapp'
const KILLS = 6

/** `mysimbdp emulate examples/chicago-taxi …` */
const emulator = (args: readonly string[]): ProductProcess =>
  new ProductProcess(['emulate', 'examples/chicago-taxi', ...args])

async function emulate(args: readonly string[]): Promise<{ readonly code: number | null; readonly said: string }> {
  const one = emulator(args)
  return { code: await one.ended(), said: one.said }
}

/** The summary that `--json` prints. */
const summaryIn = (said: string): Readonly<Record<string, number>> & { readonly producerId: string } =>
  JSON.parse(/^\{.*\}$/m.exec(said)![0]) as ReturnType<typeof summaryIn>

async function startPlatform(test: TestContext, data: string): Promise<PlatformProcess> {
  const platform = await PlatformProcess.start(data, ['examples/chicago-taxi'])
  test.after(() => platform.kill())
  return platform
}

function writeLines(path: string, lines: readonly string[]): string {
  writeFileSync(path, `${lines.join('\n')}\n`)
  return path
}

/** Trips in the order of event time; a record that cannot be read stands behind the one it follows in the file. */
function sortedByEventTime(lines: readonly string[]): readonly string[] {
  let lastMs = Number.NEGATIVE_INFINITY
  const timed = lines.map((line) => {
    const [, time] = /"event_timestamp":(\d+)\}$/.exec(line) ?? []
    const isReadable = time !== undefined && !/"Trip ID"|"fare":"/.test(line)
    return { line, timeMs: (lastMs = isReadable ? Number(time) : lastMs) }
  })
  return timed.sort((a, b) => (a.timeMs < b.timeMs ? -1 : a.timeMs > b.timeMs ? 1 : 0)).map(({ line }) => line)
}

function rowsOfRun(input: string, query: string, folder: string): readonly string[] {
  const out = join(folder, `${query}.json`)
  const args = ['run', 'examples/chicago-taxi', '--input', input, '--as-stream', '--query', query]
  execFileSync(process.execPath, ['src/main.ts', ...args, '--format', 'json', '--out', out], { stdio: 'ignore' })
  return rowTexts(readFileSync(out, 'utf8'))
}

const rowTexts = (document: string): readonly string[] =>
  document
    .split('\n')
    .filter((line) => line.startsWith('{"window"'))
    .map((line) => line.replace(/(,|\].*)$/, ''))

const rowsOf = (url: string, query: string): Promise<readonly string[]> => liveRows(url, 'tenantstreamapp', query)

/** Asks until the answer is as wanted: jobs follow the log in another thread. */
async function eventually<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    const answer = await ask()
    if (wanted(answer) || attempt === 400) return answer
    await delay(25)
  }
}

describe('the emulator, a process of its own', () => {
  it('killed over and over, and the platform too, neither loses nor repeats a record', (test) =>
    withScratchFolder(async (folder) => {
      const random = new Seeded(7)
      const sample = taxi.streams.ingestData!.sample!
      const lines = [...sample.generate({ ...sample.defaults, records: RECORDS, faults: 0.003 })]
      const shuffled = lines.map((line) => ({ line, at: random.next() })).sort((a, b) => a.at - b.at)
      const unsorted = shuffled.map(({ line }) => line)
      const input = writeLines(join(folder, 'trips.ndjson'), unsorted)
      const data = join(folder, 'data')
      const args = ['--input', input, '--rate', '4000/s', '--data', data, '--json']
      let platform = await startPlatform(test, data)
      for (let kill = 0; kill < KILLS; kill++) {
        const sending = emulator(args)
        await delay(random.between(700, 1300))
        if (kill % 3 === 2) {
          await platform.kill()
          platform = await startPlatform(test, data)
          await delay(random.between(100, 300))
        }
        await sending.kill()
      }
      const { code, said } = await emulate(args)
      assert.equal(code, 0, said)
      assert.equal(summaryIn(said).nextSequence, lines.length)
      const known = await platform.getJson<{ nextSequence: number }>(
        `${APP}/streams/ingestData/producers/${encodeURIComponent(summaryIn(said).producerId)}`,
      )
      assert.equal(known.nextSequence, lines.length)

      const sorted = writeLines(join(folder, 'sorted.ndjson'), sortedByEventTime(unsorted))
      const total = rowsOfRun(sorted, 'tripsTotal', folder)
      await eventually(
        () => rowsOf(platform.url, 'tripsTotal'),
        (rows) => rows[0] === total[0],
      )
      for (const query of ['tripsTotal', 'sumFareWindow'])
        assert.deepEqual(await rowsOf(platform.url, query), rowsOfRun(sorted, query, folder))
      // Of an append query a live stream has the rows of the windows that have closed: all but those at the end.
      const closed = rowsOfRun(sorted, 'hotspotWindow', folder)
      const rows = await rowsOf(platform.url, 'hotspotWindow')
      assert.ok(
        rows.length > closed.length * 0.99 && rows.length <= closed.length,
        `${rows.length} of ${closed.length}`,
      )
      assert.deepEqual(rows, closed.slice(0, rows.length))

      assert.match((await emulate(args)).said, /were sent to ingestData before, as emulate:[0-9a-f]{24}\n.*--again/)
    }))

  it('waits for a platform that is away, and goes on where it stopped when it is back', (test) =>
    withScratchFolder(async (data) => {
      const sending = emulator(['--records', '2000', '--rate', '2000/s', '--data', data, '--json'])
      test.after(() => sending.kill())
      await sending.says(/waiting for the platform: no platform runs on the data folder/)
      let platform = await startPlatform(test, data)
      await eventually(
        () => rowsOf(platform.url, 'tripsTotal'),
        (rows) => rows.length > 0,
      )
      await platform.kill()
      platform = await startPlatform(test, data)
      assert.equal(await sending.ended(), 0, sending.said)
      const { accepted, rejected, alreadyReceived, sent } = summaryIn(sending.said)
      assert.equal(accepted! + rejected! + alreadyReceived!, sent)
      const rows = await eventually(
        () => rowsOf(platform.url, 'tripsTotal'),
        ([row]) => row?.includes('"trips_total":2000') === true,
      )
      assert.match(rows[0]!, /"trips_total":2000,/)
    }))

  it('turns the health degraded by columns that are mapped wrongly, and tells why its records were rejected', (test) =>
    withScratchFolder(async (data) => {
      const platform = await startPlatform(test, data)
      const { code, said } = await emulate([
        ...['--records', '500', '--sample-faults', '0', '--rate', 'max', '--fault', 'wrong-columns'],
        ...['--url', platform.url, '--json'],
      ])
      assert.equal(code, 0)
      const { accepted, rejected } = summaryIn(said)
      assert.deepEqual([accepted, rejected], [0, 500])
      assert.match(
        said,
        /the platform says: 100 % of 500 records .*'trip_id' is missing; the records have 'wrong_trip_id'/,
      )
    }))

  it('says what it cannot do, with the exit code of who can act', () =>
    withScratchFolder(async (data) => {
      const refused: readonly (readonly [number, RegExp, readonly string[]])[] = [
        [3, /no platform runs on the data folder .*\n.*mysimbdp start/, ['--data', data, '--wait', '0 seconds']],
        [3, /it did not pass within 300 milliseconds/, ['--url', 'http://127.0.0.1:1', '--wait', '300ms']],
        [2, /There is no fault 'rain'; there are null-rows/, ['--fault', 'rain']],
        [2, /10\/s, 600\/min, max or as-event-time/, ['--rate', 'fast']],
        [2, /--speed and --longest-pause are about event time/, ['--rate', 'max', '--speed', '5']],
        [2, /has no stream 'rides'; it has ingestData/, ['--stream', 'rides']],
        [2, /belong to the generated sample/, ['--input', 'package.json', '--records', '5']],
        [2, /no-such-file.csv.*cannot be opened/, ['--input', 'no-such-file.csv']],
      ]
      for (const [expected, words, args] of refused) {
        const { code, said } = await emulate(args)
        assert.equal(code, expected, said)
        assert.match(said, words)
      }
    }))
})
