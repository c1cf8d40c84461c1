import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { RemoteQuery } from '#dataplane/engines/remote-query.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { appChecks, platformChecks } from './checks.ts'
import {
  appFacts,
  connectorFacts,
  jobFacts,
  NOW_MS,
  partitionFigures,
  queryFacts,
  streamFacts,
  threadFacts,
} from './facts.fixture.ts'
import type { AppFacts } from './facts.ts'
import { HealthHistory } from './health-report.ts'
import { defaultThresholds } from './thresholds.ts'

const MINUTE_MS = 60_000

/** Code and sentence of everything that is found. */
const found = (facts: AppFacts): readonly (readonly [string, string])[] =>
  appChecks.flatMap(({ code, find }) => find(facts).map(({ sentence }) => [code, sentence] as const))

/** `quiet` is how long the second of two partitions has received nothing. */
const twoPartitions = (quietMs: number) => [
  partitionFigures(),
  partitionFigures({ partition: 1, lastArrivalMs: NOW_MS - quietMs }),
]

const REMOTE = {
  restarts: 2,
  pageUrl: null,
  batch: null,
  inputRows: 0,
  droppedGroups: 0,
  counted: {},
  relay: { readRows: 0, repeatedRows: 0, unreadRows: 0 },
} as const

describe('checks', () => {
  it('find nothing where all is well', () => assert.deepEqual(found(appFacts()), []))

  it('find nothing before threads have answered for the first time', () => {
    const streams = [streamFacts({ figures: null })]
    const queries = [queryFacts({ status: null, figures: null, unread: null, unreadBefore: null })]
    assert.deepEqual(found(appFacts({ streams, queries })), [])
  })

  it('name a partition that is idle while another is not', () => {
    assert.deepEqual(found(appFacts({ streams: [streamFacts({}, twoPartitions(7 * MINUTE_MS))] })), [
      [
        'partition_idle',
        "partition 1 of stream 'trips' has received nothing for 7 minutes while others have, and no window closes before its watermark moves",
      ],
    ])
    assert.deepEqual(found(appFacts({ streams: [streamFacts({}, twoPartitions(4 * MINUTE_MS))] })), [])
    const streams = [streamFacts({ idleTimeoutMs: MINUTE_MS }, twoPartitions(7 * MINUTE_MS))]
    assert.deepEqual(found(appFacts({ streams })), [], 'the stream says what is to happen')
  })

  it('say of a query in another server that it has ended, or is silent', () => {
    const withRemote = (more: Pick<RemoteQuery, 'state' | 'lastError'>) => {
      const { status } = queryFacts()
      return appFacts({ queries: [queryFacts({ status: { ...status!, remote: { ...REMOTE, ...more } } })] })
    }
    const lastError = { code: 'MSB_SPARK_QUERY_FAILED', message: 'a record is malformed' }
    assert.deepEqual(found(withRemote({ state: 'running', lastError })), [])
    assert.deepEqual(found(withRemote({ state: 'restarting', lastError })), [
      ['query_not_running', "query 'perMinute' has ended on its server: a record is malformed"],
    ])
    assert.deepEqual(found(withRemote({ state: 'stalled', lastError: null })), [
      ['query_not_running', "query 'perMinute' runs on its server and has said nothing for more than a minute"],
    ])
  })

  it('say what another server rejects, and drops as late', () => {
    const reason = { code: 'wrong_type', field: 'fare', expected: null, found: null } as const
    const remoteInput = { received: 200, rejected: 50, mainReason: reason }
    const rejects = [
      [
        'records_rejected',
        "25 % of 200 records of trips in the last minute were rejected: a value has another type than the field (field 'fare')",
      ],
    ]
    assert.deepEqual(found(appFacts({ streams: [streamFacts({ remoteInput })] })), rejects)
    assert.deepEqual(found(appFacts({ streams: [streamFacts({ remoteInput: { ...remoteInput, rejected: 5 } })] })), [])
    const { status } = queryFacts()
    const remote = { ...REMOTE, state: 'running', lastError: null } as const
    const late = queryFacts({ status: { ...status!, remote }, recentRead: 100, recentLate: 60 })
    assert.deepEqual(found(appFacts({ queries: [late] })), [
      [
        'records_late',
        "query 'perMinute' read 100 records in the last minute, and its server dropped 60 groups of late ones, of which nothing is kept",
      ],
    ])
  })

  it('say how near a log is to its limit', () => {
    const streams = [streamFacts({ logBytes: 95_000_000, logLimitBytes: 100_000_000 })]
    assert.deepEqual(found(appFacts({ streams })), [
      [
        'log_near_limit',
        "the log of stream 'trips' has 95 MB, 95 % of its limit of 100 MB; at the limit records are refused",
      ],
    ])
  })

  it('say what is left of a rebuild, and do not take it for a job that is behind', () => {
    const behind = { unread: 250_000, unreadBefore: 300_000, unreadSinceMs: NOW_MS - 2 * MINUTE_MS }
    const facts = appFacts({ job: jobFacts({ rebuilding: ['perMinute'] }), queries: [queryFacts(behind)] })
    assert.deepEqual(found(facts), [
      [
        'job_rebuilding',
        "query 'perMinute' is being computed anew from the log, and its results are not whole until it has caught up; 250,000 records are left to read",
      ],
    ])
  })

  it('tell a job that falls further behind from one that catches up', () => {
    const behind = { unread: 250_000, unreadSinceMs: NOW_MS - 2 * MINUTE_MS }
    const sentenceOf = (unreadBefore: number | null) =>
      found(appFacts({ queries: [queryFacts({ ...behind, unreadBefore })] }))[0]?.[1]
    assert.match(sentenceOf(200_000)!, /250,000 records behind .* and falls further behind \(200,000 a minute ago\)/)
    assert.match(sentenceOf(300_000)!, /250,000 records behind .* and is catching up/)
    assert.match(sentenceOf(null)!, /250,000 records behind the log of stream '[^']+', so its results are late$/)
    const short = queryFacts({ ...behind, unreadBefore: 0, unreadSinceMs: NOW_MS - 10_000 })
    assert.deepEqual(found(appFacts({ queries: [short] })), [], 'a burst is no trouble')
  })

  it('say that nobody takes records when ingest does not run, and why', () => {
    const error = new MysimbdpError('MSB_STORAGE_FAILED', 'the disk is gone', { where: { file: 'segment-0.db' } })
    const failed = appFacts({ ingest: threadFacts({ state: 'failed', error }) })
    assert.deepEqual(found(failed), [
      [
        'ingest_not_running',
        "ingest has stopped for good, so records are refused and the job does not run: the disk is gone ('segment-0.db')",
      ],
    ])
    const recovering = appFacts({ ingest: threadFacts({ state: 'recovering', error, restarts: 2 }) })
    assert.match(found(recovering)[0]![1], /^ingest failed and is being started again \(attempt 2\)/)
  })

  it('go on saying so while a thread that failed is at its next attempt to start', () => {
    const again = { state: 'starting', error: new MysimbdpError('MSB_DISK_FULL', 'no space'), restarts: 2 } as const
    assert.deepEqual(
      found(appFacts({ ingest: threadFacts(again), job: jobFacts(again) })).map(([code]) => code),
      ['ingest_not_running', 'job_not_running'],
    )
  })

  it('say so when a thread takes very long to start', () => {
    const starting = { state: 'starting', stateSinceMs: NOW_MS - 3 * MINUTE_MS } as const
    assert.deepEqual(
      found(appFacts({ job: jobFacts(starting), ingest: threadFacts(starting) })).map(([, sentence]) => sentence),
      [
        'ingest has been starting for 3 minutes, and records are refused',
        'the job has been starting for 3 minutes and has not read anything yet',
      ],
    )
  })

  it('leave a quiet stream alone when no window waits, or when it closes by the clock', () => {
    const quiet = [partitionFigures({ lastArrivalMs: NOW_MS - 10 * MINUTE_MS })]
    assert.equal(found(appFacts({ streams: [streamFacts({}, quiet)] }))[0]?.[0], 'stream_quiet')
    const closing = [streamFacts({ closeWhenIdle: true, idleTimeoutMs: MINUTE_MS }, quiet)]
    assert.deepEqual(found(appFacts({ streams: closing })), [])
    const nothingOpen = queryFacts({ status: { ...queryFacts().status!, openWindowEndMs: null } })
    assert.deepEqual(found(appFacts({ streams: [streamFacts({}, quiet)], queries: [nothingOpen] })), [])
  })

  it('do not call a few late records most of them', () => {
    assert.deepEqual(found(appFacts({ queries: [queryFacts({ recentRead: 12, recentLate: 9 })] })), [])
    assert.deepEqual(found(appFacts({ queries: [queryFacts({ recentRead: 100, recentLate: 40 })] })), [])
    assert.equal(
      found(appFacts({ queries: [queryFacts({ recentRead: 100, recentLate: 50 })] }))[0]?.[0],
      'records_late',
    )
  })

  it('say which task of a connector failed, why, and what is done about it', () => {
    const failedTask = {
      task: 0,
      sinceMs: NOW_MS - 2 * MINUTE_MS,
      attempts: 3,
      nextAttemptMs: NOW_MS + 8000,
      reason: 'unconfigured table perminute',
    }
    const facts = appFacts({ connectors: [connectorFacts({ state: 'failed', failedTasks: [failedTask] })] })
    assert.deepEqual(found(facts), [
      [
        'connector_not_running',
        "task 0 of connector 'taxi_perMinute' failed 2 minutes ago, so results of 'perMinute' wait on their topic: unconfigured table perminute",
      ],
    ])
    const [observation] = appChecks.flatMap(({ find }) => find(facts))
    assert.match(observation!.action, /^Started again 3 times, next in 8 seconds\./)
  })

  it('say that a connector was put back, and forget it after a while', () => {
    const putBack = (agoMs: number) =>
      found(appFacts({ connectors: [connectorFacts({ putBack: 1, lastPutBackMs: NOW_MS - agoMs })] }))
    assert.deepEqual(putBack(MINUTE_MS), [
      ['connector_not_running', "connector 'taxi_perMinute' was gone and has been put back 1 minute ago"],
    ])
    assert.deepEqual(putBack(11 * MINUTE_MS), [])
  })

  it('count the rows that the store did not take', () => {
    assert.deepEqual(found(appFacts({ connectors: [connectorFacts({ deadLetters: 1200 })] })), [
      ['rows_refused', "the store did not take 1,200 rows of query 'perMinute'"],
    ])
  })

  it('say once that Kafka Connect does not answer', () => {
    const error = new MysimbdpError('MSB_SINK_UNREACHABLE', 'connection refused')
    const away = connectorFacts({ unreachableSinceMs: NOW_MS - MINUTE_MS, error })
    assert.deepEqual(found(appFacts({ connectors: [away, away] })), [
      [
        'connect_unreachable',
        'Kafka Connect has not answered for 1 minute, so results may not reach the store: connection refused',
      ],
    ])
  })

  it('are all on the page that says what they mean', () => {
    const page = readFileSync('docs/how-to/watch-the-platform.md', 'utf8')
    for (const { code } of [...appChecks, ...platformChecks]) assert.ok(page.includes(`\`${code}\``), code)
  })
})

it('a finding holds since it was first seen without a break', () => {
  const history = new HealthHistory()
  const examine = (nowMs: number, silentMs: number) =>
    history
      .examine({
        nowMs,
        thresholds: defaultThresholds,
        disk: { dataFolder: 'data', freeBytes: 1e12, totalBytes: 1e12 },
        broken: [],
        apps: [appFacts({ job: jobFacts({ silentMs }) })],
      })
      .apps[0]!.findings.map(({ code, sinceMs }) => [code, sinceMs])
  assert.deepEqual(examine(1000, 20_000), [['thread_silent', 1000]])
  assert.deepEqual(examine(2000, 21_000), [['thread_silent', 1000]])
  assert.deepEqual(examine(3000, 0), [])
  assert.deepEqual(examine(4000, 20_000), [['thread_silent', 4000]])
})
