import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { app, count, decimal, schema, stream, string, timestamp, tumbling } from 'mysimbdp'
import type { HealthThresholds } from '#services/health/thresholds.ts'
import { HealthPlatform } from './health-platform.ts'

const trip = schema('trip', { taxi: string(), at: timestamp(), fare: decimal(8, 2) })

function taxiApp(streamOptions: { readonly maxFutureSkew?: string | 'none' } = {}) {
  const trips = stream('trips', { schema: trip, eventTime: 'at', watermark: '10 seconds', ...streamOptions })
  return app(
    'taxi',
    { timeZone: 'America/Chicago' },
    { tripsPerMinute: trips.window(tumbling('1 minute')).aggregate({ trips: count() }).output('append') },
  )
}

const at = (time: string, more: object = { fare: 1 }): string => JSON.stringify({ taxi: 'a', at: time, ...more })
const minute = (n: number, second = 0): string => new Date(Date.UTC(2024, 3, 13, 12, n, second)).toISOString()
const many = (n: number, line: string): readonly string[] => Array.from({ length: n }, () => line)

async function withPlatform(
  thresholds: Partial<HealthThresholds>,
  work: (platform: HealthPlatform) => Promise<void>,
  taxi = taxiApp(),
): Promise<void> {
  const platform = await HealthPlatform.start(taxi, thresholds)
  try {
    await work(platform)
  } finally {
    await platform.stop()
  }
}

/** Holds a lock on a SQLite file, so that whoever writes it waits. */
function lockFile(path: string): () => void {
  const connection = new DatabaseSync(path)
  connection.exec('BEGIN IMMEDIATE')
  return () => connection.close()
}

describe('health', () => {
  it('is well when all is, and says nothing', () =>
    withPlatform({}, async (platform) => {
      await platform.send([at(minute(0)), at(minute(1))])
      await platform.caughtUp(2)
      const { status, document } = await platform.health()
      assert.equal(status, 200)
      assert.deepEqual(document, {
        status: 'ok',
        sentences: [],
        findings: [],
        apps: [{ app: 'taxi', status: 'ok', sentences: [], findings: [] }],
      })
    }))

  it('names the field that the records call otherwise', () =>
    withPlatform({}, async (platform) => {
      await platform.send(many(50, at(minute(0), { Fare: 1 })))
      const begunMs = Date.now()
      const { sentence, action, since } = await platform.finding('records_rejected')
      assert.ok(Date.now() - begunMs < 10_000)
      assert.equal(
        sentence,
        "100 % of 50 records of trips in the last minute were rejected: field 'fare' is missing; the records have 'Fare'",
      )
      assert.match(action, /Correct the mapping/)
      assert.ok(Math.abs(Date.parse(since) - begunMs) < 10_000)
      assert.equal((await platform.finding('records_rejected')).since, since)
    }))

  it('takes records from the future for a clock that is wrong', () =>
    withPlatform({}, async (platform) => {
      await platform.send(many(20, at('2100-01-01T00:00:00Z')))
      const { sentence } = await platform.finding('clock_ahead')
      assert.match(sentence, /^100 % of 20 records .* ahead of the clock of this machine by more than 10 seconds/)
      const { document } = await platform.health()
      assert.deepEqual(
        document.apps[0]!.findings.map(({ code }) => code),
        ['clock_ahead'],
      )
    }))

  it('says when most records of the last minute were late', () =>
    withPlatform({}, async (platform) => {
      await platform.send([at(minute(30))])
      await platform.caughtUp(1)
      await platform.health()
      await platform.send([...many(30, at(minute(0))), ...many(10, at(minute(30, 1)))])
      const { sentence, action } = await platform.finding('records_late')
      assert.match(
        sentence,
        /^75 % of the 40 records that query 'tripsPerMinute' read in the last minute were late \(30\): they came more than 10 seconds of event time after the newest record of stream 'trips'/,
      )
      assert.match(action, /longer watermark/)
    }))

  it('says when the watermark stands still while records come', () =>
    withPlatform(
      { watermarkStuckMs: 350 },
      async (platform) => {
        await platform.send([at('2100-01-01T00:00:00Z')])
        const { sentence, action } = await platform.finding('watermark_stuck', () => platform.send([at(minute(0))]))
        assert.match(
          sentence,
          /^the watermark of stream 'trips' has not moved for \d+ milliseconds, although \d+ records? (was|were) accepted since: the newest event time is 2099-12-31 18:00:00 -06:00, \d+ days in the future/,
        )
        assert.match(action, /^Give stream 'trips' a maxFutureSkew/)
      },
      taxiApp({ maxFutureSkew: 'none' }),
    ))

  it('says when nothing arrives and windows with records wait', () =>
    withPlatform({ quietMs: 200 }, async (platform) => {
      await platform.send([at(minute(0))])
      const { sentence, action } = await platform.finding('stream_quiet')
      assert.match(
        sentence,
        /^no record of stream 'trips' has arrived for .* of 'tripsPerMinute', the first ending 2024-04-13 07:01:00 -05:00$/,
      )
      assert.match(action, /closeWhenIdle/)
      // A record of another minute closes that window, but its own is open: only quiet ends it.
      await platform.send([at(minute(5))])
      assert.match((await platform.finding('stream_quiet')).sentence, /07:06:00 -05:00$/)
    }))

  it('says when a window should have closed long ago, when the job does not answer, and what it has not read', () =>
    withPlatform({ overdueMs: 200, silentMs: 200, notReadingMs: 200 }, async (platform) => {
      await platform.send([at(minute(0))])
      await platform.caughtUp(1)
      const unlock = lockFile(join(platform.appFolder, 'job.db'))
      try {
        await platform.send([at(minute(3))])
        const { sentence } = await platform.finding('window_overdue')
        assert.match(
          sentence,
          /^query 'tripsPerMinute' has written no row for its window ending 2024-04-13 07:01:00 -05:00, which has records: the watermark of stream 'trips' passed that end .* ago and stands at 2024-04-13 07:02:50 -05:00; 1 record is unread$/,
        )
        assert.match((await platform.finding('thread_silent')).sentence, /^the job has not answered for /)
        assert.match(
          (await platform.finding('job_behind')).sentence,
          /^query 'tripsPerMinute' has read nothing for .* although 1 record waits in the log of stream 'trips'$/,
        )
        const begunMs = performance.now()
        assert.equal((await platform.health()).status, 200)
        assert.ok(performance.now() - begunMs < 500, 'it answers while a thread hangs')
      } finally {
        unlock()
      }
      await platform.well()
    }))

  it('says when ingest does not answer', () =>
    withPlatform({ silentMs: 200 }, async (platform) => {
      await platform.send([at(minute(0))])
      const log = join(platform.appFolder, 'log', 'taxi_trips', 'partition-0')
      const [segment] = readdirSync(log).filter((name) => /^segment-.*\.db$/.test(name))
      const unlock = lockFile(join(log, segment!))
      const waiting = platform.send([at(minute(0))])
      try {
        assert.match((await platform.finding('thread_silent')).sentence, /^ingest has not answered for /)
      } finally {
        unlock()
      }
      await waiting
      await platform.well()
    }))

  it('says that the job is stopped, and how far it falls behind', () =>
    withPlatform({ behindRecords: 100, behindMs: 0 }, async (platform) => {
      await platform.send([at(minute(0))])
      await platform.caughtUp(1)
      await platform.post('/v1/apps/taxi/job/stop')
      const { sentence, action } = await platform.finding('job_not_running')
      assert.match(sentence, /^the job has been stopped for .*: records are taken and wait in the log/)
      assert.match(action, /`mysimbdp jobs start taxi`/)
      await platform.send(many(150, at(minute(0))))
      assert.match(
        (await platform.finding('job_behind')).sentence,
        // Whether anything is known of before depends on when the stopped job was last looked at.
        /^query 'tripsPerMinute' is 150 records behind the log of stream 'trips'( and falls further behind \(0 a minute ago\))?, so its results are late$/,
      )
      await platform.post('/v1/apps/taxi/job/start')
      await platform.well()
    }))

  it('says that a job has failed and why, and answers 503', () =>
    withPlatform({}, async (platform) => {
      await platform.send([at(minute(0))])
      await platform.caughtUp(1)
      await platform.post('/v1/apps/taxi/job/stop')
      writeFileSync(join(platform.appFolder, 'job.db'), 'this is no database'.repeat(1000))
      await platform.post('/v1/apps/taxi/job/start')
      const { sentence, severity } = await platform.finding('job_not_running')
      assert.match(sentence, /^the job has stopped for good: .*job\.db/)
      assert.equal(severity, 'failed')
      const { status, document } = await platform.health()
      assert.deepEqual([status, document.status, document.apps[0]!.status], [503, 'failed', 'failed'])
    }))

  it('says that a job is being started again, and that this happens often', () =>
    withPlatform({ restarts: 1 }, async (platform) => {
      await platform.send([at(minute(0))])
      await platform.caughtUp(1)
      await platform.post('/v1/apps/taxi/job/stop')
      // Something that is no file where the state file was.
      const state = join(platform.appFolder, 'job.db')
      for (const suffix of ['', '-wal', '-shm']) rmSync(`${state}${suffix}`, { force: true })
      mkdirSync(state)
      await platform.post('/v1/apps/taxi/job/start')
      const failing = await platform.finding('job_not_running')
      assert.match(
        failing.sentence,
        /^the job failed and is being started again \(attempt \d+\): .*unable to open .*job\.db/,
      )
      assert.equal(failing.severity, 'degraded')
      rmdirSync(state)
      await platform.caughtUp(1)
      const { sentence } = await platform.finding('restarted_often')
      assert.match(
        sentence,
        /^the job was started again (once|\d times) in the last 10 minutes; the last failure: .*unable to open /,
      )
    }))

  it('says that an app cannot run because its folder cannot be read, while the others are well', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-health-'))
    mkdirSync(join(folder, 'apps', 'lost'), { recursive: true })
    writeFileSync(join(folder, 'apps', 'lost', 'app.json'), 'nothing')
    const platform = await HealthPlatform.start(taxiApp(), {}, folder)
    try {
      const { sentence } = await platform.finding('app_broken')
      assert.match(sentence, /^app 'lost' cannot run, because its folder cannot be read: .*app\.json/)
      const { status, document } = await platform.health()
      assert.deepEqual([status, document.apps.map((one) => one.status)], [503, ['ok']])
    } finally {
      await platform.stop()
    }
  })

  it('says when the disk has less than the reserve', () =>
    withPlatform({ diskReserveBytes: Number.MAX_SAFE_INTEGER }, async (platform) => {
      const { sentence } = await platform.finding('disk_nearly_full')
      assert.match(sentence, /^the disk that holds '.*' has .* free of .*, less than the reserve of 9010 TB/)
      assert.equal((await platform.health()).document.status, 'degraded')
    }))

  it('says how near a log is to its limit', async () => {
    const platform = await HealthPlatform.start(taxiApp(), {}, undefined, { logBytesMax: 240_000 })
    try {
      const { sentence } = await platform.finding('log_near_limit')
      assert.match(
        sentence,
        /^the log of stream 'trips' has .*KB, \d+ % of its limit of 240 KB; at the limit records are refused$/,
      )
    } finally {
      await platform.stop()
    }
  })

  it('says when commits cannot be written back into the state file', () =>
    withPlatform({ stateWalBytes: 1 }, async (platform) => {
      await platform.send([at(minute(0))])
      assert.ok(existsSync(join(platform.appFolder, 'job.db')))
      assert.match(
        (await platform.finding('state_growing')).sentence,
        /of commits wait beside the state file of app 'taxi'/,
      )
    }))
})
