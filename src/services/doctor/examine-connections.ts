import type { ServerChecks } from '#foundation/connections/server-checks.ts'
import { type Examination, examine } from './examination.ts'

/** Examines the servers of a configuration, one after the other. What a server fails at first is what there is to say of it. */
export async function examineConnections(servers: readonly ServerChecks[]): Promise<readonly Examination[]> {
  const examinations: Examination[] = []
  for (const { checks, close } of servers) {
    try {
      for (const { what, look } of checks) {
        const examination = await examine(what, look)
        examinations.push(examination)
        if (!examination.isWell) break
      }
    } finally {
      await close()
    }
  }
  return examinations
}
