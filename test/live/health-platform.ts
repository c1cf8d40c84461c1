import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HealthDocument } from '#controlplane/api/routes/health.ts'
import { startServer } from '#controlplane/api/server.ts'
import { systemClock } from '#foundation/time/clock.ts'
import type { App } from '#language/query/app.ts'
import type { HealthThresholds } from '#services/health/thresholds.ts'
import type { LiveAppContext } from '#services/live/live-app-context.ts'
import { LivePlatform } from '#services/live/live-platform.ts'
import { embeddedPlatform } from '../../src/wiring.ts'

type FindingDocument = HealthDocument['findings'][number]

/** A platform with one app on a free port, in this process; its threads and files are real. Health has thresholds of its own. */
export class HealthPlatform {
  readonly folder: string
  readonly url: string
  readonly #app: App
  readonly #close: () => Promise<void>

  private constructor(folder: string, url: string, app: App, close: () => Promise<void>) {
    this.folder = folder
    this.url = url
    this.#app = app
    this.#close = close
  }

  static async start(
    app: App,
    thresholds: Partial<HealthThresholds> = {},
    folder = mkdtempSync(join(tmpdir(), 'mysimbdp-health-')),
    more: Partial<LiveAppContext> = {},
  ): Promise<HealthPlatform> {
    const entry = new URL('../../src/worker.ts', import.meta.url)
    const platform = await LivePlatform.open(folder, { platform: embeddedPlatform, clock: systemClock, entry, ...more })
    await platform.deploy(app, { changed: 'rebuild', dropRemoved: true })
    const server = await startServer(platform, { port: 0, thresholds })
    return new HealthPlatform(folder, server.url, app, async () => {
      await server.close()
      await platform.close()
    })
  }

  get name(): string {
    return this.#app.plan.name
  }

  /** The folder of the app: its log, its state. */
  get appFolder(): string {
    return join(this.folder, 'apps', this.name)
  }

  async send(lines: readonly string[]): Promise<void> {
    const [stream] = Object.keys(this.#app.streams)
    const response = await this.post(`/v1/apps/${this.name}/streams/${stream}/records`, lines.join('\n'))
    if (!response.ok) throw new Error(await response.text())
  }

  post(path: string, body = ''): Promise<Response> {
    return fetch(`${this.url}${path}`, { method: 'POST', body, headers: { 'content-type': 'application/x-ndjson' } })
  }

  async health(): Promise<{ readonly status: number; readonly document: HealthDocument }> {
    const response = await fetch(`${this.url}/health`)
    return { status: response.status, document: (await response.json()) as HealthDocument }
  }

  /** Asks until there is a finding with this code, of the platform or of an app. `meanwhile` is done before each question. */
  async finding(code: string, meanwhile?: () => Promise<void>): Promise<FindingDocument> {
    for (let attempt = 1; ; attempt++) {
      await meanwhile?.()
      const { document } = await this.health()
      const found = [...document.findings, ...document.apps.flatMap(({ findings }) => findings)]
      const wanted = found.find((one) => one.code === code)
      if (wanted !== undefined) return wanted
      if (attempt === ATTEMPTS) throw new Error(`no finding '${code}', but ${JSON.stringify(found)}`)
      await shortWhile()
    }
  }

  /** Asks until nothing is wrong any more. */
  async well(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const { document } = await this.health()
      if (document.status === 'ok') return
      if (attempt === ATTEMPTS) throw new Error(`it is not well: ${JSON.stringify(document)}`)
      await shortWhile()
    }
  }

  /** Waits until the job has read all that was sent. */
  async caughtUp(records: number): Promise<void> {
    for (;;) {
      const response = await fetch(`${this.url}/v1/apps/${this.name}`)
      const { job } = (await response.json()) as {
        readonly job: { readonly queries: readonly { readonly positions: readonly { readonly offset: number }[] }[] }
      }
      if (job.queries.length > 0 && job.queries.every(({ positions }) => positions[0]!.offset >= records)) return
      await shortWhile()
    }
  }

  async stop(): Promise<void> {
    await this.#close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** So often it is asked, 20 ms apart at least, before a test gives up. */
const ATTEMPTS = 500

const shortWhile = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20))
