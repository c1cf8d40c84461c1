import type { ServerChecks } from '#foundation/connections/server-checks.ts'
import type { Clock } from '#foundation/time/clock.ts'
import type { Capabilities } from '#language/plan/capabilities.ts'
import type { AppPlan } from '#language/plan/plan.ts'
import type { Platform } from '#services/runs/platform.ts'
import type { PlatformConfig } from '#services/runs/platform-config.ts'
import type { Terminal } from './terminal.ts'

/** What commands work with; `main.ts` fills it. */
export interface CliContext {
  /** All of it on this machine. */
  readonly platform: Platform
  /** With the plug-ins that a configuration names. */
  platformOf(config: PlatformConfig): Promise<Platform>
  /** What there is to find out about the servers that a configuration names. */
  serverChecksOf(config: PlatformConfig): Promise<readonly ServerChecks[]>
  /** What the environment says of the platform, by name of the variable. */
  readonly variables: Readonly<Record<string, string>>
  readonly engines: readonly Capabilities[]
  /** What an engine makes of an app, in its own terms, by engine: those that hand queries on to another system. */
  readonly loweredTexts: Readonly<Record<string, (plan: AppPlan) => string>>
  readonly terminal: Terminal
  readonly clock: Clock
  /** Entry file of the threads of live apps. */
  readonly threadEntry: URL
  /** Resolves when somebody asks the process to end. */
  untilStopped(): Promise<void>
  /** Calls `work`, which must not be asynchronous, when a signal is about to end the process, until the answer is called. */
  beforeKilled(work: () => void): () => void
}
