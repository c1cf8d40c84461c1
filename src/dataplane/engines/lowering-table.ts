import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { type Support, supported, unsupported } from '#language/plan/capabilities.ts'

/** Stands in a lowering table where the engine cannot do it. */
export type Unsupported = Extract<Support, { supported: false }>

export const cannot = (reason: string): Unsupported => unsupported(reason) as Unsupported

type Table<K extends string> = { readonly [P in K]: unknown }

const isUnsupported = (entry: unknown): entry is Unsupported =>
  typeof entry === 'object' && entry !== null && 'supported' in entry && entry.supported === false

/** What a lowering table says about an engine. */
export const supportOf = <K extends string>(table: Table<K>): { readonly [P in K]: Support } =>
  Object.fromEntries(
    Object.entries(table).map(([name, entry]) => [name, isUnsupported(entry) ? entry : supported]),
  ) as { [P in K]: Support }

/** @throws MSB_PLAN_UNSUPPORTED */
export function requireLowering<T>(engine: string, entry: T | Unsupported, what: string): T {
  if (isUnsupported(entry))
    throw new MysimbdpError('MSB_PLAN_UNSUPPORTED', `the ${engine} engine cannot run ${what}: ${entry.reason}`)
  return entry
}
