import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { it, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { liveRows } from '../support/live-rows.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'

/** The README's first command, as a newcomer types it. */

const QUERIES = ['sumFareWindow', 'tripsTotal', 'hotspotCommunityPickupWindow', 'hotspotWindow']
const APP = 'tenantstreamapp'
const WITHIN_MS = 10_000

interface Started {
  readonly url: string
  readonly said: () => string
  stop(): Promise<number | null>
}

async function npmStart(test: TestContext, data: string): Promise<Started> {
  const child = spawn('npm', ['start', '--', '--port', '0', '--data', data], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const ended = once(child, 'exit')
  // As a terminal does: Ctrl-C goes to npm and to what it started.
  const signal = (name: NodeJS.Signals): void => void process.kill(-child.pid!, name)
  test.after(() => child.exitCode === null && child.signalCode === null && signal('SIGKILL'))
  let said = ''
  for (const output of [child.stdout, child.stderr]) output.on('data', (text) => (said += text))
  let url: string | undefined
  while (url === undefined) {
    if (child.exitCode !== null) throw new Error(said)
    await delay(20)
    url = /live page: (http:\/\/[\d.:]+)/.exec(said)?.[1]
  }
  return {
    url,
    said: () => said,
    stop: async () => {
      signal('SIGINT')
      const [code] = await ended
      return code as number | null
    },
  }
}

/** ms until every query has a row, and one that was not there, or not so, before. */
async function untilAllMove({ url, said }: Started): Promise<number> {
  const startedMs = performance.now()
  const first = new Map<string, string>()
  const moving = new Set<string>()
  while (moving.size < QUERIES.length) {
    assert.ok(performance.now() - startedMs < WITHIN_MS, `only ${[...moving]} moved:\n${said()}`)
    for (const query of QUERIES) {
      const rows = (await liveRows(url, APP, query)).join('\n')
      if (rows !== '' && first.has(query) && first.get(query) !== rows) moving.add(query)
      first.set(query, first.get(query) ?? rows)
    }
    await delay(200)
  }
  return performance.now() - startedMs
}

it('npm start lets all four results move within ten seconds of the URL, and after a restart it goes on', async (test: TestContext) => {
  await withScratchFolder(async (folder) => {
    const data = join(folder, 'data')
    const started = await npmStart(test, data)
    const firstMs = await untilAllMove(started)
    const page = await fetch(started.url)
    assert.match(await page.text(), /<title>mysimbdp/)
    const before = await liveRows(started.url, APP, 'tripsTotal')
    assert.notEqual(await started.stop(), 1, started.said())

    const again = await npmStart(test, data)
    const secondMs = await untilAllMove(again)
    const after = await liveRows(again.url, APP, 'tripsTotal')
    assert.ok(tripsIn(after) > tripsIn(before), 'trips of before are still counted, and more')
    await again.stop()
    test.diagnostic(
      `all four moved after ${(firstMs / 1000).toFixed(1)} s, and ${(secondMs / 1000).toFixed(1)} s after a restart`,
    )
  })
})

const tripsIn = (rows: readonly string[]): number =>
  rows.reduce((sum, row) => sum + (JSON.parse(row) as { trips_total: number }).trips_total, 0)
