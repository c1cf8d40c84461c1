import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { it } from 'node:test'
import { type Browser, chromium, type Page } from 'playwright-core'
import { withScratchFolder } from '../support/scratch-folder.ts'

const CHROMIUM = '/usr/bin/chromium'
const APP = 'tenantstreamapp'
const QUERIES = ['sumFareWindow', 'tripsTotal', 'hotspotCommunityPickupWindow', 'hotspotWindow']
const PATIENCE_MS = 60_000

/** Why the page cannot be opened; in CI it must be. */
const whyNoPage =
  existsSync(CHROMIUM) || process.env.CI !== undefined ? false : 'the page is opened in Chromium, and there is none'

async function withPage(work: (page: Page) => Promise<void>): Promise<void> {
  const browser: Browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  try {
    const page = await browser.newPage({ viewport: { width: 1360, height: 1200 } })
    page.setDefaultTimeout(PATIENCE_MS)
    await work(page)
  } finally {
    await browser.close()
  }
}

/** A port that was free a moment ago: a platform that is started again must be where the page looks for it. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

async function startPlatform(port: number, data: string): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    [
      'bin/mysimbdp.js',
      'start',
      'examples/chicago-taxi',
      'examples/earthquakes',
      '--replay',
      '--speed',
      '600',
      '--port',
      String(port),
      '--data',
      data,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  for await (const text of child.stdout!) if (/http:\/\//.test(String(text))) return child
  throw new Error('the platform did not start')
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}

const textOf = async (page: Page, selector: string): Promise<string> =>
  (await page.locator(selector).first().textContent()) ?? ''

const drawingOf = (page: Page, selector: string): Promise<string> => page.locator(selector).first().innerHTML()

async function untilChanged(page: Page, content: () => Promise<string>): Promise<void> {
  const before = await content()
  while ((await content()) === before) await page.waitForTimeout(50)
}

/** The newest rows and the drawing of every query become others. */
async function allFourMove(page: Page): Promise<void> {
  for (const query of QUERIES) {
    const card = `[data-app="${APP}"] [data-query="${query}"]`
    await page.waitForSelector(`${card} td`)
    await untilChanged(page, () => textOf(page, `${card} tbody`))
    await untilChanged(page, () => drawingOf(page, `${card} .chart`))
  }
}

/** Trips whose columns have other names, as a wrong mapping makes them. */
async function sendWrongColumns(url: string, count: number): Promise<void> {
  const line = `${JSON.stringify({ 'Trip ID': 'x', event_timestamp: 1713000000000, Fare: '4.25' })}\n`
  const response = await fetch(`${url}/v1/apps/${APP}/streams/ingestData/records`, {
    method: 'POST',
    body: line.repeat(count),
    headers: { 'content-type': 'application/x-ndjson' },
  })
  assert.equal(((await response.json()) as { rejected: number }).rejected, count)
}

it(
  'the live page shows results moving, bad input in a sentence, and a platform that goes and comes back',
  {
    skip: whyNoPage,
  },
  () =>
    withScratchFolder((folder) =>
      withPage(async (page) => {
        const problems: string[] = []
        let platformIsUp = true
        // A browser itself reports each request that a stopped platform does not answer.
        page.on('console', (message) => {
          if (message.type() === 'error' && platformIsUp) problems.push(message.text())
        })
        page.on('pageerror', (error) => problems.push(error.message))
        const [port, data] = [await freePort(), join(folder, 'data')]
        const url = `http://127.0.0.1:${port}`
        let platform = await startPlatform(port, data)
        const pictures = process.env.MYSIMBDP_PICTURES
        const picture = async (name: string): Promise<void> => {
          if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })
        }
        try {
          await page.goto(url)
          await page.waitForSelector('#connection[data-state="live"]')
          await allFourMove(page)
          assert.equal(await page.locator('[data-app="earthquakes"] .card').count(), 3)
          await picture('well')

          await sendWrongColumns(url, 2000)
          const sentence = page.locator(`[data-app="${APP}"] .health[data-status="degraded"]`)
          await sentence.waitFor()
          assert.match(
            (await sentence.textContent()) ?? '',
            /records of ingestData in the last minute were rejected: field '.+' is missing; the records have 'Trip ID'/,
          )
          assert.match(
            await textOf(page, `[data-app="${APP}"] [data-tile="rejected"] .note`),
            /is missing; the records have/,
          )
          await picture('degraded')

          platformIsUp = false
          await stop(platform, 'SIGKILL')
          await page.waitForSelector('#connection[data-state="lost"]')
          assert.match(await textOf(page, '#connection'), /does not answer.*goes on by itself/)
          await picture('lost')
          platform = await startPlatform(port, data)
          await page.waitForSelector('#connection[data-state="live"]')
          platformIsUp = true
          await allFourMove(page)
          assert.deepEqual(problems, [])
        } finally {
          await stop(platform, 'SIGTERM')
        }
      }),
    ),
)
