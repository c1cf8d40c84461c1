import type { Clock } from '#foundation/time/clock.ts'
import type { App } from '#language/query/app.ts'
import type { SchemaRegistry } from '../catalog/schema-registry.ts'
import type { Platform } from '../runs/platform.ts'
import type { PlatformConfig } from '../runs/platform-config.ts'

/** What a thread of an app is given. */
export interface ThreadData {
  readonly role: 'ingest' | 'job'
  readonly folder: string
  readonly logBytesMax: number | null
  /** Of the platform; a thread makes its own plug-ins of it. */
  readonly config: PlatformConfig
  /** Queries that the job computes anew from the start of the log. */
  readonly rebuild?: readonly string[]
}

/** What the apps of a platform have in common. */
export interface LiveAppContext {
  readonly platform: Platform
  /** What `platform` was made of; the embedded one when absent. */
  readonly config?: PlatformConfig
  readonly clock: Clock
  /** Entry file of the threads. */
  readonly entry: URL
  /** The heap each of them may have; the usual one when absent. */
  readonly heapMegabytes?: number
  /** Limit on the log of each stream; none when absent. */
  readonly logBytesMax?: number | null
  /** Where schemas of streams are registered; the platform's own catalog when absent. */
  readonly schemaRegistry?: SchemaRegistry
  /** Told of an app that this instance took over from another one, which ran another version. */
  readonly onTakenOver?: (app: App) => void
}
