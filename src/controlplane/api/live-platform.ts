import type { LiveApp } from '#services/live/live-app.ts'

/** What the API serves. */
export interface LivePlatform {
  readonly apps: ReadonlyMap<string, LiveApp>
}
