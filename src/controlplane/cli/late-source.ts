import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { type LateSelection, lateLines, placeText } from '#services/late/late-records.ts'
import type { Platform } from '#services/runs/platform.ts'
import { PlatformClient } from '../client/platform-client.ts'
import { textLines } from '../client/text-lines.ts'
import { queriesOf } from './result-request.ts'

/** Where late records are: in the folder of a run, or on a running platform. */
export interface LatePlace {
  readonly data?: string
  readonly app?: string
  readonly url?: string
}

/** Late records of a query; and groups that another server dropped as late, of whose records nothing is kept, null where the platform itself decides. */
export interface LateTotal {
  readonly late: number
  readonly lateGroups: number | null
}

export interface LateSource {
  readonly queries: readonly string[]
  total(query: string): Promise<LateTotal>
  /** Each as JSON text of a LateRecordDocument. */
  lines(query: string, selection: LateSelection): AsyncIterable<string>
  close(): void
}

/** @throws MSB_CLI_USAGE, MSB_DATA_FOLDER_NOT_FOUND, MSB_PLATFORM_NOT_FOUND, MSB_NOT_FOUND */
export async function openLateSource({ data, app, url }: LatePlace, platform: Platform): Promise<LateSource> {
  if (app !== undefined)
    return openOnPlatform(
      PlatformClient.find({ ...(url !== undefined && { url }), ...(data !== undefined && { data }) }),
      app,
    )
  if (data === undefined)
    throw new MysimbdpError(
      'MSB_CLI_USAGE',
      'say where: --data with the folder of a run, or --app with an app of a platform',
    )
  return openInFolder(data, platform)
}

function openInFolder(folder: string, platform: Platform): LateSource {
  if (!platform.holdsData(folder))
    throw new MysimbdpError('MSB_DATA_FOLDER_NOT_FOUND', `there are no results in '${folder}'`)
  const reader = platform.openResults(folder)
  reader.hold()
  const plan = reader.plan()
  if (plan === undefined) {
    reader.close()
    throw new MysimbdpError('MSB_DATA_FOLDER_NOT_FOUND', `no run in '${folder}' has got as far as results`)
  }
  return {
    queries: plan.queries.map(({ name }) => name),
    total: async (query) => ({ late: reader.lateRecords(query), lateGroups: null }),
    lines: async function* (query, selection) {
      for await (const { text } of lateLines(reader, plan, query, selection)) yield text
    },
    close: () => reader.close(),
  }
}

async function openOnPlatform(client: PlatformClient, app: string): Promise<LateSource> {
  const queries = await queriesOf(client, app)
  const path = (query: string): string =>
    `/v1/apps/${encodeURIComponent(app)}/queries/${encodeURIComponent(query)}/late`
  return {
    queries: queries.map(({ name }) => name),
    total: (query) => client.get<LateTotal>(`${path(query)}?limit=1`),
    lines: async function* (query, { from, limit }) {
      const parameters = new URLSearchParams({
        format: 'ndjson',
        from: placeText(from),
        ...(Number.isFinite(limit) && { limit: String(limit) }),
      })
      yield* textLines(await client.request(`${path(query)}?${parameters}`))
    },
    close: () => {},
  }
}
