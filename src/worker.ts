import { threadData } from '#foundation/threads/thread.ts'
import { systemClock } from '#foundation/time/clock.ts'
import { loadApp } from '#services/apps/load-app.ts'
import { IngestThread } from '#services/live/ingest-thread.ts'
import { JobThread } from '#services/live/job-thread.ts'
import type { ThreadData } from '#services/live/live-app.ts'
import { embeddedPlatform } from './wiring.ts'

/** Entry of the threads of a live app. */
const { role, appPath, folder, rebuild } = threadData<ThreadData>()
const app = await loadApp(appPath)
if (role === 'ingest') await IngestThread.start(app, folder, embeddedPlatform, systemClock)
else await JobThread.start(app, folder, embeddedPlatform, rebuild)
