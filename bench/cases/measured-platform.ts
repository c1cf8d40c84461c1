import { setTimeout as delay } from 'node:timers/promises'
import { appToJson } from '#services/apps/app-document.ts'
import { PlatformProcess } from '../../test/support/platform-process.ts'
import type { ResultRow, ResultRows } from '../expected/result-row.ts'
import { rowKey } from '../expected/result-row.ts'
import { resultRow } from '../jobs/job-rows.ts'
import { processCpuSeconds } from '../measuring/busy-time.ts'
import { measureProcess, peakRssOf } from '../measuring/measured-process.ts'
import { type MeasuredQueries, measuredQueries, STREAM, tripApp } from '../workload/trip-apps.ts'

interface Stats {
  readonly streams: Readonly<Record<string, { readonly logEnd: number }>>
  readonly queries: Readonly<Record<string, { readonly unread: number }>>
}

const POLL_MS = 10

/** A platform in a process of its own, that tenants send trips to and whose CPU and memory can be seen. */
export class MeasuredPlatform {
  readonly #process: PlatformProcess

  private constructor(platform: PlatformProcess) {
    this.#process = platform
  }

  static async start(data: string): Promise<MeasuredPlatform> {
    return new MeasuredPlatform(await PlatformProcess.start(data, []))
  }

  async deploy(app: string, queries: MeasuredQueries): Promise<void> {
    const body = appToJson(tripApp(app, measuredQueries[queries]))
    const response = await fetch(`${this.#process.url}/v1/apps`, { method: 'POST', body })
    if (response.status !== 200) throw new Error(`${app} is not deployed: ${await response.text()}`)
  }

  /** Sends bytes [from, to) of the file to each app at once, by a process of its own. */
  async send(apps: readonly string[], file: string, from: number, to: number): Promise<void> {
    const sender = [process.execPath, 'bench/jobs/send-records.ts', this.#process.url, apps.join(','), file] as const
    await measureProcess({ command: [...sender, String(from), String(to)], cores: 2 })
  }

  /** Resolves when so many records of each app are in committed results. */
  async processed(apps: readonly string[], records: number): Promise<void> {
    for (const app of apps) while (!(await this.#hasProcessed(app, records))) await delay(POLL_MS)
  }

  async #hasProcessed(app: string, records: number): Promise<boolean> {
    const { streams, queries } = await this.#process.getJson<Stats>(`/v1/apps/${app}/stats`)
    return streams[STREAM]!.logEnd === records && Object.values(queries).every(({ unread }) => unread === 0)
  }

  /** Of the platform since it started. */
  cpuSeconds(): number {
    return processCpuSeconds(this.#process.child.pid!)
  }

  peakRssMegabytes(): number {
    return peakRssOf(this.#process.child.pid!)
  }

  rows(app: string, queries: MeasuredQueries): Promise<ResultRows> {
    return servedRows(this.#process.url, app, queries)
  }

  async stop(): Promise<void> {
    await this.#process.kill('SIGTERM')
  }
}

/** Rows as a platform serves them; of one query where it is named. */
export async function servedRows(
  url: string,
  app: string,
  queries: MeasuredQueries,
  only?: string,
): Promise<ResultRows> {
  const rows = new Map<string, readonly (number | null)[]>()
  for (const { name, groupField } of measuredQueries[queries]) {
    if (only !== undefined && name !== only) continue
    const response = await fetch(`${url}/v1/apps/${app}/queries/${name}/results?format=ndjson`)
    for (const line of (await response.text()).split('\n')) {
      if (line === '') continue
      const [query, startMs, group, ...values]: ResultRow = resultRow(name, groupField ?? undefined, rowIn(line))
      rows.set(rowKey(query, startMs, group), values)
    }
  }
  return rows
}

const rowIn = (line: string): string => JSON.stringify((JSON.parse(line) as { row: unknown }).row)
