import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { IngestLimits } from '#controlplane/api/ingest-limits.ts'
import { startServer } from '#controlplane/api/server.ts'
import { systemClock } from '#foundation/time/clock.ts'
import { sourceOf } from '#language/plan/plan.ts'
import type { App } from '#language/query/app.ts'
import type { DeploymentChoice } from '#services/live/deployment-report.ts'
import type { LiveApp } from '#services/live/live-app.ts'
import type { LiveAppContext } from '#services/live/live-app-context.ts'
import { LivePlatform } from '#services/live/live-platform.ts'
import { runBounded } from '#services/runs/bounded-run.ts'
import { topicOf } from '#services/runs/platform.ts'
import { embeddedPlatform } from '../../src/wiring.ts'
import { withScratchFolder } from './scratch-folder.ts'

export const ASK: DeploymentChoice = { changed: 'ask', dropRemoved: false }
export const REBUILD: DeploymentChoice = { changed: 'rebuild', dropRemoved: false }
export const KEEP: DeploymentChoice = { changed: 'keep', dropRemoved: false }
export const DROP: DeploymentChoice = { changed: 'ask', dropRemoved: true }

/** What the API answers, as loosely as a client sees it. */
export interface Answer {
  readonly accepted?: number
  readonly rejected?: number
  readonly alreadyReceived?: number
  readonly nextSequence?: number
  readonly epoch?: number
  readonly delivery?: string
  readonly note?: string
  readonly attempt?: number
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string }
}

export interface Replied {
  readonly status: number
  readonly headers: Headers
  readonly answer: Answer
}

export interface HostOptions {
  readonly limits?: Partial<IngestLimits>
  readonly context?: Partial<LiveAppContext>
}

/** The live platform in this process, with real threads and its API on a free port; `reopen` is a restart of the process. */
export class LiveHost {
  readonly folder = mkdtempSync(join(tmpdir(), 'mysimbdp-live-'))
  readonly #options: HostOptions
  #server!: Awaited<ReturnType<typeof startServer>>
  platform!: LivePlatform

  private constructor(options: HostOptions) {
    this.#options = options
  }

  static async open(apps: readonly App[], options: HostOptions = {}): Promise<LiveHost> {
    const host = new LiveHost(options)
    await host.#open()
    for (const app of apps) await host.platform.deploy(app, ASK)
    return host
  }

  get url(): string {
    return this.#server.url
  }

  live(app: string): LiveApp {
    return this.platform.apps.get(app)!
  }

  /** Stops everything, lets somebody do something to the files, and starts again. */
  async reopen(meanwhile: () => void = () => {}): Promise<void> {
    await this.#close()
    meanwhile()
    await this.#open()
  }

  async close(): Promise<void> {
    await this.#close()
    rmSync(this.folder, { recursive: true, force: true })
  }

  pathOf(app: string, ...parts: readonly string[]): string {
    return join(this.folder, 'apps', app, ...parts)
  }

  request(path: string, init: RequestInit = {}): Promise<Replied> {
    return answerOf(fetch(`${this.url}${path}`, init))
  }

  /** Records for a stream; `query` is that of the URL. */
  send(app: string, stream: string, lines: readonly string[], query = ''): Promise<Replied> {
    return this.request(`/v1/apps/${app}/streams/${stream}/records${query}`, {
      method: 'POST',
      body: lines.length === 0 ? '' : `${lines.join('\n')}\n`,
      headers: { 'content-type': 'application/x-ndjson' },
    })
  }

  /** Sends all lines, and waits until the job has read the whole log. */
  async feed(app: string, stream: string, lines: readonly string[]): Promise<void> {
    const { status, answer } = await this.send(app, stream, lines)
    assert.equal(status, 200, JSON.stringify(answer))
    await this.caughtUp(app)
  }

  /** Resolves when the job runs and each query has read its stream to the end. */
  async caughtUp(app: string): Promise<void> {
    await until(async () => {
      const live = this.live(app)
      assert.notEqual(live.job.state, 'failed', live.job.error?.message)
      const { queries } = live.job.status
      if (
        live.job.state !== 'running' ||
        live.job.rebuilding.length > 0 ||
        queries.length !== live.app.plan.queries.length
      )
        return false
      const ends = await endsOf(live)
      const readTo = new Map(queries.map(({ query, positions }) => [query, positions[0]!.offset]))
      return live.app.plan.queries.every(
        ({ name, output }) => readTo.get(name)! >= ends.get(topicOf(live.app.plan, sourceOf(output).stream))!,
      )
    }, `the job of ${app} has caught up`)
  }

  rows(app: string, query: string): readonly string[] {
    const reader = this.live(app).openResults()
    try {
      return [...reader.rows(query)].map(({ row }) => row).sort()
    } finally {
      reader.close()
    }
  }

  async #open(): Promise<void> {
    this.platform = await LivePlatform.open(this.folder, {
      platform: embeddedPlatform,
      clock: systemClock,
      entry: new URL('../../src/worker.ts', import.meta.url),
      ...this.#options.context,
    })
    this.#server = await startServer(this.platform, {
      port: 0,
      ...(this.#options.limits !== undefined && { limits: this.#options.limits }),
    })
  }

  async #close(): Promise<void> {
    await this.#server.close()
    await this.platform.close()
  }
}

async function endsOf(live: LiveApp): Promise<ReadonlyMap<string, number>> {
  const ends = new Map<string, number>()
  for (const reader of await live.openLogs()) {
    ends.set(reader.spec.topic, (await reader.bounds(0)).end)
    await reader.close()
  }
  return ends
}

async function answerOf(asked: Promise<Response>): Promise<Replied> {
  const response = await asked
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    answer: text === '' ? {} : (JSON.parse(text) as Answer),
  }
}

/** Asks until it is so: what happens in other threads is waited for by what can be seen of it. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = systemClock.monotonicMs() + 20_000
  while (!(await isSo())) {
    assert.ok(systemClock.monotonicMs() < deadline, `it never happened: ${what}`)
    await pause(5)
  }
}

/** The rows of each query of a bounded run over the same records as a stream: what a live platform has to come to. */
export async function boundedRows(
  app: App,
  lines: Readonly<Record<string, readonly string[]>>,
): Promise<(query: string) => readonly { readonly row: string; readonly windowEnd: number | null }[]> {
  return withScratchFolder(async (folder) => {
    const inputs = new Map()
    for (const [stream, records] of Object.entries(lines)) {
      const path = join(folder, `${stream}.ndjson`)
      writeFileSync(path, `${records.join('\n')}\n`)
      inputs.set(stream, [await embeddedPlatform.openFile(path)])
    }
    const run = { app, inputs, lateness: 'as-stream', folder: join(folder, 'run'), kept: false } as const
    await runBounded({ ...run, platform: embeddedPlatform, clock: systemClock })
    const reader = embeddedPlatform.openResults(run.folder)
    const rows = new Map(app.plan.queries.map(({ name }) => [name, [...reader.rows(name)]]))
    reader.close()
    return (query) => rows.get(query)!
  })
}
