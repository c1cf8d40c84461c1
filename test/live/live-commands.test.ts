import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { assertRefused, commandLine, EXIT, mysimbdp } from '../product/product-process.ts'
import { greenhouse, greenhouseQueries, greenhouseReadings } from '../support/greenhouse.ts'
import { ASK, LiveHost } from '../support/live-host.ts'
import { PlatformProcess, ProductProcess } from '../support/platform-process.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'

const APP = 'examples/first-query'

describe('commands for a running platform', () => {
  let host: LiveHost
  before(async () => {
    host = await LiveHost.open([])
  })
  after(() => host.close())
  const command = (...args: readonly string[]) => commandLine(...args, '--url', host.url)

  it('deploy an app, and say in each case what became of it', async () => {
    assert.deepEqual(await command('jobs'), {
      status: EXIT.done,
      stdout: 'no app is deployed; `mysimbdp deploy <app>` does that\n',
      stderr: '',
    })
    const dry = await command('deploy', APP, '--dry-run')
    assert.match(dry.stdout, /^app 'greenhouse' would be deployed\n {2}query: warmth\n$/)
    const first = await command('deploy', APP)
    assert.match(first.stdout, /^app 'greenhouse' is deployed\n {2}query: warmth\n$/)
    const same = await command('deploy', APP)
    assert.match(same.stdout, /is deployed, in place of the version before\n {2}goes on as before: warmth\n$/)
  })

  it('refuse a changed app with what changed and the options that decide, which then work', async () => {
    const other = greenhouse({ warmth: greenhouseQueries.warmth('update'), cold: greenhouseQueries.cold() })
    await host.platform.deploy(other, { changed: 'rebuild', dropRemoved: true })
    assertRefused(
      await command('deploy', APP),
      EXIT.user,
      /app 'greenhouse' is not the one that is deployed: query 'warmth' said «/,
    )
    const refused = await command('deploy', APP, '--rebuild')
    assertRefused(refused, EXIT.user, /query 'cold' is no longer there/)
    assert.match(refused.stderr, /--drop-removed/)
    assertRefused(mysimbdp(['deploy', APP, '--rebuild', '--keep']), EXIT.user, /cannot be used with option/)
    const done = await command('deploy', APP, '--rebuild', '--drop-removed')
    assert.match(done.stdout, /computed anew from the log: warmth\n {2}gone, with its results: cold\n/)
  })

  it('stop, start, rebuild and list jobs', async () => {
    await host.feed('greenhouse', 'readings', greenhouseReadings(1234, 1))
    assert.match((await command('jobs', 'stop', 'greenhouse')).stdout, /^the job of 'greenhouse' is stopped\n$/)
    assert.match((await command('jobs')).stdout, /greenhouse .*stopped .*running/)
    assert.match((await command('jobs', 'start', 'greenhouse')).stdout, /^the job of 'greenhouse' is running\n$/)
    assert.match((await command('jobs', 'rebuild', 'greenhouse')).stdout, /^the job of 'greenhouse' is running/)
    await host.caughtUp('greenhouse')
    assert.match((await command('jobs', 'list')).stdout, /greenhouse .*running .*1,234/)
    assertRefused(await command('jobs', 'stop', 'nothing'), EXIT.user, /there is no app 'nothing'; there is greenhouse/)
    assertRefused(await command('jobs', 'stop', '../greenhouse'), EXIT.user, /there is no app '\.\.\/greenhouse'/)
    assertRefused(
      await command('jobs', 'rebuild', 'greenhouse', '--query', 'cold'),
      EXIT.user,
      /app 'greenhouse' has no query 'cold'; it has warmth/,
    )
  })

  it('tell of apps that are broken, and of jobs that have failed, with what to do', async () => {
    await host.platform.deploy(greenhouse({ warmth: greenhouseQueries.warmth() }, { name: 'orchard' }), ASK)
    await host.reopen(() => {
      writeFileSync(host.pathOf('orchard', 'app.json'), '{')
      for (const suffix of ['', '-wal', '-shm']) rmSync(host.pathOf('greenhouse', `job.db${suffix}`), { force: true })
      writeFileSync(host.pathOf('greenhouse', 'job.db'), 'this is no database'.repeat(400))
    })
    const { status, stdout, stderr } = await command('jobs')
    assert.equal(status, EXIT.done)
    assert.match(stdout, /greenhouse .*failed/)
    assert.match(stdout, /orchard .*broken/)
    assert.match(
      stderr,
      /greenhouse: a state file is damaged.*\n {2}where: file .*job\.db\n {2}what to do: .*`mysimbdp jobs rebuild <app>`/,
    )
    assert.match(stderr, /orchard: .*does not say what is deployed here.*\n {2}what to do: .*deploy the app again/)
    assertRefused(await command('jobs', 'stop', 'orchard'), EXIT.external, /does not say what is deployed here/)
    const mended = await command('jobs', 'rebuild', 'greenhouse', '--query', 'warmth')
    assert.match(mended.stdout, /^the job of 'greenhouse' is running/)
    await host.caughtUp('greenhouse')
    assert.match((await command('jobs')).stdout, /greenhouse .*running .*1,234/)
  })

  it('say what to do when there is no platform, or no app', async () => {
    await withScratchFolder(async (data) => {
      for (const args of [['deploy', APP], ['jobs'], ['jobs', 'stop', 'greenhouse']])
        assertRefused(await commandLine(...args, '--data', data), EXIT.external, /no platform runs on the data folder/)
    })
    assertRefused(await command('deploy', 'examples/nothing'), EXIT.user, /there is no app at 'examples\/nothing'/)
    assertRefused(await command('deploy', 'LICENSE'), EXIT.user, /cannot be loaded/)
    assertRefused(await commandLine('jobs', '--url', 'http://127.0.0.1:1'), EXIT.external, /does not answer/)
    assertRefused(await commandLine('jobs', '--url', 'nonsense'), EXIT.external, /does not answer/)
  })
})

describe('the command start', () => {
  it('takes another port when the usual one is taken, and the one it is told or none', () =>
    withScratchFolder(async (data) => {
      const taken = createServer().listen(0, '127.0.0.1')
      await once(taken, 'listening')
      const { port } = taken.address() as { readonly port: number }
      const refused = new ProductProcess(['start', '--data', data, '--port', String(port)])
      assert.equal(await refused.ended(), EXIT.user)
      assert.match(refused.said, new RegExp(`^error port ${port} is in use\n  what to do: `))
      taken.close()
    }))

  it('says which platform runs on its data folder, and after a kill starts there again', () =>
    withScratchFolder(async (data) => {
      const first = await PlatformProcess.start(data, [APP])
      const second = new ProductProcess(['start', '--data', data, '--port', '0'])
      assert.equal(await second.ended(), EXIT.user)
      assert.ok(second.said.includes(`a platform runs on the data folder '${data}' already: ${first.url}`), second.said)
      assert.match((await commandLine('jobs', '--data', data)).stdout, /greenhouse .*running/)

      await first.kill('SIGKILL')
      const stale = await commandLine('deploy', APP, '--data', data)
      assertRefused(stale, EXIT.external, /does not answer/)
      assert.match(stale.stderr, /what to do: Start one/)
      const third = await PlatformProcess.start(data, [])
      assert.match((await commandLine('jobs', '--data', data)).stdout, /greenhouse .*running/)
      await third.kill('SIGTERM')
      assert.deepEqual([await third.ended(), third.said.includes('error')], [EXIT.done, false])
      assertRefused(await commandLine('jobs', '--data', data), EXIT.external, /no platform runs on the data folder/)
    }))

  it('is refused before anything runs when an app cannot be loaded, or its data folder cannot be used', () =>
    withScratchFolder(async (folder) => {
      const data = join(folder, 'data')
      const start = async (...args: readonly string[]) => commandLine('start', '--port', '0', ...args)
      assertRefused(
        await start(APP, 'examples/nothing', '--data', data),
        EXIT.user,
        /there is no app at 'examples\/nothing'/,
      )
      mkdirSync(join(folder, 'bad'))
      writeFileSync(join(folder, 'bad', 'app.ts'), 'export default 1')
      assertRefused(await start(join(folder, 'bad'), '--data', data), EXIT.user, /does not export an app as default/)
      writeFileSync(join(folder, 'file'), '')
      assertRefused(await start(APP, '--data', join(folder, 'file')), EXIT.external, /cannot be used/)
      assertRefused(await start(APP, '--data', join(folder, 'file', 'in')), EXIT.external, /cannot be used/)
      assertRefused(mysimbdp(['start', APP, '--port', 'x']), EXIT.user, /whole number/)
      assertRefused(mysimbdp(['start', APP, '--port', '70000', '--data', data]), EXIT.user, /70000.*a port/s)
      const fine = await start(APP, '--data', data)
      assert.deepEqual([fine.status, fine.stderr], [EXIT.done, ''])
      assert.match(fine.stdout, /mysimbdp is running/)
      assert.match(readFileSync(join(data, 'apps', 'greenhouse', 'app.json'), 'utf8'), /"wanted":"running"/)
    }))
})
