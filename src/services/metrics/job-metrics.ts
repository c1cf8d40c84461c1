import { epochSeconds, type Metric, perApp } from './metric.ts'

const APP = ['app'] as const
const counts = 'since its thread started'

/** The job that runs the queries of an app. */
export const jobMetrics: readonly Metric[] = [
  {
    name: 'mysimbdp_job_up',
    help: 'Whether results of the app are computed: 1 when its job runs, else 0',
    type: 'gauge',
    labels: APP,
    samples: perApp(({ job }) => (job.state === 'running' ? 1 : 0)),
  },
  {
    name: 'mysimbdp_job_restarts_total',
    help: 'How often the job was started again after a failure; it begins anew when the job is started by hand',
    type: 'counter',
    labels: APP,
    counts,
    samples: perApp(({ job }) => job.restarts),
  },
  {
    name: 'mysimbdp_job_commit_seconds',
    help: 'How long a commit of results and state took',
    type: 'histogram',
    labels: APP,
    counts,
    samples: perApp(({ job }) => job.figures?.commitSeconds ?? null),
  },
  {
    name: 'mysimbdp_job_latency_seconds',
    help: 'From the arrival of a record in the log until the results that count it are committed, record by record',
    type: 'histogram',
    labels: APP,
    counts,
    samples: perApp(({ job }) => job.figures?.latencySeconds ?? null),
  },
  {
    name: 'mysimbdp_job_last_commit_timestamp_seconds',
    help: 'When the job last committed something, in seconds since 1970',
    type: 'gauge',
    labels: APP,
    samples: perApp(({ job }) => epochSeconds(job.figures?.lastCommitMs)),
  },
  {
    name: 'mysimbdp_job_state_bytes',
    help: 'What results and state take on the disk',
    type: 'gauge',
    labels: APP,
    samples: perApp(({ storage }) => storage.stateBytes),
  },
  {
    name: 'mysimbdp_job_state_wal_bytes',
    help: 'How much of that is commits that were not yet written back into the file',
    type: 'gauge',
    labels: APP,
    samples: perApp(({ storage }) => storage.stateWalBytes),
  },
]
