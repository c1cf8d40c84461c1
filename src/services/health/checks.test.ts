import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { appChecks, platformChecks } from './checks.ts'
import { appFacts, jobFacts, NOW_MS, partitionFigures, queryFacts, streamFacts, threadFacts } from './facts.fixture.ts'
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
    const sentenceOf = (unreadBefore: number) =>
      found(appFacts({ queries: [queryFacts({ ...behind, unreadBefore })] }))[0]?.[1]
    assert.match(sentenceOf(200_000)!, /250,000 records behind .* and falls further behind \(200,000 a minute ago\)/)
    assert.match(sentenceOf(300_000)!, /250,000 records behind .* and is catching up/)
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
