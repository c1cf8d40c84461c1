import type { Finding, Observation } from './check.ts'
import { appChecks, platformChecks } from './checks.ts'
import type { PlatformFacts } from './facts.ts'

export type HealthStatus = 'ok' | 'degraded' | 'failed'

/** How the platform is: `ok`, or what is wrong in sentences that a person understands. */
export interface HealthReport {
  /** The worst of all. */
  readonly status: HealthStatus
  /** What concerns the platform as a whole. */
  readonly findings: readonly Finding[]
  readonly apps: readonly AppHealth[]
}

export interface AppHealth {
  readonly app: string
  readonly status: HealthStatus
  readonly findings: readonly Finding[]
}

/** Examines facts, and remembers since when what it found holds. */
export class HealthHistory {
  #since = new Map<string, number>()

  examine(facts: PlatformFacts): HealthReport {
    const seen = new Map<string, number>()
    const dated = (place: string, code: string, observation: Observation): Finding => {
      const key = JSON.stringify([place, code, observation.subject])
      const sinceMs = this.#since.get(key) ?? facts.nowMs
      seen.set(key, sinceMs)
      return { severity: 'degraded', ...observation, subject: observation.subject ?? null, code, sinceMs }
    }
    const findings = platformChecks.flatMap(({ code, find }) => find(facts).map((one) => dated('', code, one)))
    const apps = facts.apps.map((app) => {
      const ofApp = appChecks.flatMap(({ code, find }) => find(app).map((one) => dated(app.app, code, one)))
      return { app: app.app, status: statusOf(ofApp), findings: ofApp }
    })
    this.#since = seen
    return { status: statusOf([...findings, ...apps.flatMap((app) => app.findings)]), findings, apps }
  }
}

function statusOf(findings: readonly Finding[]): HealthStatus {
  if (findings.length === 0) return 'ok'
  return findings.some(({ severity }) => severity === 'failed') ? 'failed' : 'degraded'
}
