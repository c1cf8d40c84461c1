import { threadData } from '#foundation/threads/thread.ts'
import { systemClock } from '#foundation/time/clock.ts'
import { AppFolder } from '#services/live/app-folder.ts'
import { IngestThread } from '#services/live/ingest-thread.ts'
import { JobThread } from '#services/live/job-thread.ts'
import type { ThreadData } from '#services/live/live-app-context.ts'
import { platformOf } from './wiring.ts'

/** Entry of the threads of a live app. */
const { role, folder, logBytesMax, config } = threadData<ThreadData>()
// Where results are served from is the main thread's business.
const platform = await platformOf({ ...config, sink: { kind: 'sqlite' } })
if (role === 'ingest') await IngestThread.start(new AppFolder(folder), platform, systemClock, { logBytesMax })
else await JobThread.start(new AppFolder(folder), platform, systemClock)
