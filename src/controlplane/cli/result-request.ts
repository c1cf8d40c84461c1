import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { PlatformClient } from '../client/platform-client.ts'

export interface ResultOptions {
  readonly url?: string
  readonly data: string
  readonly format: 'table' | 'json' | 'csv'
  readonly latest?: number
  readonly from?: string
  readonly to?: string
  readonly key?: string
  readonly follow?: boolean
}

/** What the platform says of a query. */
export interface QuerySummary {
  readonly name: string
  readonly mode: string
  readonly window?: string
  readonly groupBy?: readonly string[]
}

/** Rows of a table where nothing is said. */
export const TABLE_ROWS = 8

/** The options as parameters of the platform. In tables without a time or key the newest rows are meant. */
export function parametersOf({ format, latest, from, to, key }: ResultOptions): URLSearchParams {
  const newest = latest ?? (format === 'table' && (from ?? to ?? key) === undefined ? TABLE_ROWS : undefined)
  return new URLSearchParams({
    ...(newest !== undefined && { latest: String(newest) }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(key !== undefined && { key }),
  })
}

/** The queries of an app on a platform. @throws MSB_NOT_FOUND */
export async function queriesOf(client: PlatformClient, app: string): Promise<readonly QuerySummary[]> {
  const { apps } = await client.get<{ apps: readonly { name: string; queries: readonly QuerySummary[] }[] }>('/v1/apps')
  const found = apps.find(({ name }) => name === app)
  if (found === undefined)
    throw new MysimbdpError(
      'MSB_NOT_FOUND',
      `there is no app '${app}'; there is ${apps.map(({ name }) => name).join(', ')}`,
    )
  return found.queries
}
