import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { delay } from '#foundation/time/timers.ts'
import { freePorts } from './ports.ts'
import type { Server } from './server.ts'
import { ServerProcess } from './server-process.ts'

/** Listens on the port, and prints its arguments; the first one is a path in the folder of the server. */
const PROGRAM = `
process.on('SIGTERM', () => { if (process.argv[3] !== 'stubborn') process.exit(0) })
require('net').createServer().listen(Number(process.argv[2]), '127.0.0.1', () => console.log('ready'))
`

async function serverFor(test: TestContext) {
  const clusterFolder = mkdtempSync(join(tmpdir(), 'mysimbdp-test-'))
  const [port] = await freePorts(1)
  const folder = join(clusterFolder, 'sleeper-1')
  mkdirSync(folder)
  const address = { host: '127.0.0.1', port: port! }
  const server: Server = {
    name: 'sleeper-1',
    kind: 'kafka',
    folder,
    address,
    listens: [address],
    after: [],
    prepare: async () => assert.fail(),
    isReady: async (log) => log.includes('ready'),
  }
  const process = new ServerProcess(server, clusterFolder)
  test.after(async () => {
    await process.stop(0)
    rmSync(clusterFolder, { recursive: true })
  })
  const start = async (...more: readonly string[]): Promise<void> => {
    const args = ['-e', PROGRAM, join(folder, 'settings'), String(port), ...more]
    process.start({ program: globalThis.process.execPath, arguments: args, folder })
    while (!(await server.isReady(process.log()))) await delay(20)
  }
  const pidFile = join(clusterFolder, 'run', 'sleeper-1.json')
  return { server, process, clusterFolder, start, pidFile }
}

describe('the process of a server', () => {
  it('is found by another command, and ends when it is asked to', async (test) => {
    const { server, process, clusterFolder, start } = await serverFor(test)
    assert.equal(process.pid(), null)
    await start()
    const later = new ServerProcess(server, clusterFolder)
    assert.equal(later.pid(), process.pid())
    assert.equal(await later.stop(20_000), 'ended')
    assert.equal(process.pid(), null)
    assert.equal(await later.stop(20_000), 'was not running')
  })

  it('is killed when it does not end', async (test) => {
    const { process, start } = await serverFor(test)
    await start('stubborn')
    assert.equal(await process.stop(200), 'was killed')
    assert.equal(process.pid(), null)
  })

  it('has the log of its own start only', async (test) => {
    const { process, start } = await serverFor(test)
    await start()
    await process.stop(20_000)
    await start()
    assert.equal(process.log(), 'ready\n')
    assert.equal(readFileSync(process.logFile, 'utf8'), 'ready\nready\n')
  })

  it('is never one of somebody else that has its id', async (test) => {
    const { process, start, pidFile } = await serverFor(test)
    await start()
    await process.stop(20_000)
    const stranger = spawn(globalThis.process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    test.after(() => stranger.kill('SIGKILL'))
    writeFileSync(pidFile, JSON.stringify({ pid: stranger.pid, logOffset: 0 }))
    assert.equal(process.pid(), null)
    assert.equal(await process.stop(0), 'was not running')
    assert.equal(stranger.exitCode ?? stranger.signalCode, null)
  })

  it('does not run where its pid file was cut off', async (test) => {
    const { process, clusterFolder, pidFile } = await serverFor(test)
    mkdirSync(join(clusterFolder, 'run'))
    writeFileSync(pidFile, '{"pid":')
    assert.equal(process.pid(), null)
  })
})
