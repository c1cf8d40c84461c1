import type { ServerChecks } from '#foundation/connections/server-checks.ts'
import { HttpRegistry, type HttpRegistryOptions } from './http-registry.ts'

/** A subject that nobody registers. */
const SUBJECT = 'mysimbdp-doctor-value'

/** Whether a schema registry answers, and lets the platform ask. Nothing is registered. */
export function registryChecks(options: HttpRegistryOptions): ServerChecks {
  const registry = new HttpRegistry({ ...options, attempts: 1 })
  const look = async (): Promise<string> => {
    await registry.latest(SUBJECT)
    return options.username === undefined ? 'it answers' : `it answers user '${options.username}'`
  }
  return { checks: [{ what: `the schema registry at ${options.url}`, look }], close: async () => {} }
}
