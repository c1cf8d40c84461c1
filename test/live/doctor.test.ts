import assert from 'node:assert/strict'
import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { it } from 'node:test'
import { PlatformProcess, ProductProcess } from '../support/platform-process.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'

const APP = 'examples/first-query'
const RECORDS = '/v1/apps/greenhouse/streams/readings/records'

async function doctor(...args: readonly string[]): Promise<{ readonly code: number | null; readonly said: string }> {
  const command = new ProductProcess(['doctor', ...args])
  return { code: await command.ended(), said: command.said }
}

async function send(platform: PlatformProcess, lines: readonly string[]): Promise<void> {
  const headers = { 'content-type': 'application/x-ndjson' }
  assert.equal(
    (await fetch(`${platform.url}${RECORDS}`, { method: 'POST', body: lines.join('\n'), headers })).status,
    200,
  )
}

/** A data folder on which a platform ran and read two records. */
async function usedFolder(folder: string): Promise<string> {
  const platform = await PlatformProcess.start(folder, [APP])
  await send(platform, [
    '{"sensor":"a","at":"2024-06-02T08:00:00Z","celsius":20}',
    '{"sensor":"a","at":"2024-06-02T08:05:00Z","celsius":20}',
  ])
  await platform.kill('SIGTERM')
  return join(folder, 'apps', 'greenhouse')
}

it('says that a running platform is well, with its figures, and ends with 0', () =>
  withScratchFolder(async (folder) => {
    const platform = await PlatformProcess.start(folder, [APP])
    try {
      await send(platform, ['{"sensor":"a","at":"2024-06-02T08:00:00Z","celsius":20}'])
      const { code, said } = await doctor('--data', folder)
      assert.equal(code, 0, said)
      assert.match(said, /^platform http:\/\/127\.0\.0\.1:\d+: all is well\n/)
      assert.match(said, /app greenhouse: all is well\n {2}job running, ingest running/)
      assert.match(said, /stream readings: 1 record, log [\d.]+ KB; 1 in the last minute; the last one arrived 20/)
    } finally {
      await platform.kill()
    }
  }))

it('says what is wrong and what to do, and ends with 3', () =>
  withScratchFolder(async (folder) => {
    const platform = await PlatformProcess.start(folder, [APP], { args: ['--disk-reserve', '900 TB'] })
    try {
      await send(platform, [
        '{"sensor":"a","at":"2024-06-02T08:00:00Z","Celsius":20,"sensr":"a"}',
        '{"at":"2024-06-02T08:00:00Z"}',
      ])
      const { code, said } = await doctor('--url', platform.url)
      assert.equal(code, 3)
      assert.match(said, /: degraded\n {2}! the disk that holds .* less than the reserve of 900 TB/)
      assert.match(
        said,
        /app greenhouse: degraded\n {2}! \d+ % of 2 records of readings in the last minute were rejected: .*\n {4}since 20.*\n {4}what to do: Correct/,
      )
      const json = JSON.parse((await doctorOutput('--url', platform.url, '--json')) as string)
      assert.deepEqual([json.health.status, json.platform.apps[0].app], ['degraded', 'greenhouse'])
    } finally {
      await platform.kill()
    }
  }))

/** What it writes to stdout. */
async function doctorOutput(...args: readonly string[]): Promise<string> {
  const command = new ProductProcess(['doctor', ...args])
  let out = ''
  command.child.stdout!.on('data', (text: string) => {
    out += text
  })
  await command.ended()
  return out
}

it('examines the folder where no platform runs, and says that it looked for one', () =>
  withScratchFolder(async (folder) => {
    await usedFolder(folder)
    const { code, said } = await doctor('--data', folder)
    assert.equal(code, 3)
    assert.match(said, /ok whether a process works on it: none does/)
    assert.match(said, /ok the log of stream 'readings': all 2 records can be read, 0 of them rejected/)
    assert.match(said, /ok results and state: they belong to these logs/)
    assert.match(said, /error no platform runs on the data folder/)
    assert.doesNotMatch(said, / {2}! /)
    const again = await PlatformProcess.start(folder, [])
    assert.equal((await doctor('--data', folder)).code, 0, 'it has changed nothing that a platform needs')
    await again.kill()
  }))

it('finds a log whose bytes are not what was written', () =>
  withScratchFolder(async (folder) => {
    const log = join(await usedFolder(folder), 'log', 'greenhouse_readings', 'partition-0')
    const segment = new DatabaseSync(join(log, readdirSync(log).find((name) => /^segment-.*\.db$/.test(name))!))
    segment.exec('UPDATE batch SET received = received + 1 WHERE base_offset = 0')
    segment.close()
    const { said } = await doctor('--data', folder)
    assert.match(said, /! {2}the log of stream 'readings': .*the batch at offset 0 does not match its checksum/)
    assert.doesNotMatch(said, /results and state/)
  }))

it('finds state that is ahead of its log, and an app that cannot be read', () =>
  withScratchFolder(async (folder) => {
    const app = await usedFolder(folder)
    const platform = await PlatformProcess.start(join(folder, 'other'), [APP])
    await platform.kill('SIGTERM')
    rmSync(join(app, 'log'), { recursive: true })
    renameSync(join(folder, 'other', 'apps', 'greenhouse', 'log'), join(app, 'log'))
    assert.match(
      (await doctor('--data', folder)).said,
      /! {2}results and state: the state of query 'warmth' does not belong to this log/,
    )
    writeFileSync(join(app, 'app.json'), 'nothing')
    assert.match(
      (await doctor('--data', folder)).said,
      /! {2}what is deployed: .*app\.json' does not say what is deployed here/,
    )
  }))
