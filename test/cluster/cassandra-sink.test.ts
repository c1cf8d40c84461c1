import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { rowLine } from '#controlplane/rows/row-line.ts'
import type { CassandraResultReader } from '#dataplane/sinks/cassandra/cassandra-result-reader.ts'
import type { ServedRow } from '#dataplane/sinks/sink.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { systemClock } from '#foundation/time/clock.ts'
import type { App } from '#language/query/app.ts'
import { AppConnectors } from '#services/connect/app-connectors.ts'
import { runBounded } from '#services/runs/bounded-run.ts'
import taxi from '../../examples/chicago-taxi/app.ts'
import {
  app,
  boolean,
  count,
  date,
  decimal,
  double,
  first,
  float,
  int,
  long,
  schema,
  stream,
  string,
  timestamp,
  tumbling,
  uuid,
} from '../../src/mysimbdp.ts'
import { embeddedPlatform } from '../../src/wiring.ts'
import { CassandraBench, type Message, selected, until } from '../support/cassandra-bench.ts'
import { LiveHost } from '../support/live-host.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { startTestCluster, whyNoServers } from '../support/test-cluster.ts'

const KINDS = ['kafka', 'cassandra', 'connect'] as const
const ZONE = 'America/Chicago'

const readings = stream('readings', {
  schema: schema('reading', {
    at: timestamp(),
    place: string().nullable(),
    s: string().nullable(),
    u: uuid().nullable(),
    i: int().nullable(),
    l: long().nullable(),
    f: float().nullable(),
    d: double().nullable(),
    b: boolean().nullable(),
    m: decimal(18, 4).nullable(),
    t: timestamp().nullable(),
    day: date().nullable(),
  }),
  eventTime: 'at',
  watermark: '1 second',
})

/** Every type, and a column that has the name of a column of the table's own. */
const appNamed = (name: string): App =>
  app(
    name,
    { timeZone: ZONE },
    {
      wide: readings
        .window(tumbling('5 seconds'))
        .groupBy('place')
        .aggregate({
          key: count(),
          totalFare: first('m'),
          s: first('s'),
          u: first('u'),
          i: first('i'),
          l: first('l'),
          f: first('f'),
          d: first('d'),
          b: first('b'),
          t: first('t'),
          day: first('day'),
        })
        .output('update', { table: 'WideTable' }),
      each: readings.select((r) => ({ s: r.s, m: r.m })).output('append'),
    },
  )

const START_MS = 1713055695000
const WINDOW = '{"window":{"start":"2024-04-13T19:48:15.000-05:00","end":"2024-04-13T19:48:20.000-05:00"}'
const NULLS = '"totalFare":null,"s":null,"u":null,"i":null,"l":null,"f":null,"d":null,"b":null,"t":null,"day":null}'

const WIDE_ROWS: ReadonlyMap<string, string> = new Map([
  [
    `${START_MS}|a`,
    `${WINDOW},"place":"a","key":1,"totalFare":12345678901234.5670,"s":"","u":"6f1d2c3b-0000-4000-8000-000000000001","i":-2147483648,"l":9223372036854775807,"f":0.1,"d":0.1,"b":true,"t":"2024-04-13T19:48:15.123-05:00","day":"2024-04-13"}`,
  ],
  [
    `${START_MS}|b`,
    `${WINDOW},"place":"b","key":3,"totalFare":240.0000,"s":"ü \\"q\\" \\u0000 😀","u":null,"i":7,"l":1,"f":-1.5e-10,"d":5e-324,"b":null,"t":"1969-12-31T17:59:59.999-06:00","day":"0001-01-01"}`,
  ],
  [
    `${START_MS}|~`,
    `${WINDOW},"place":null,"key":2,"totalFare":-0.5000,"s":"null","u":null,"i":0,"l":-9223372036854775808,"f":3.4028235e+38,"d":1.7976931348623157e+308,"b":false,"t":null,"day":null}`,
  ],
  [`${START_MS}|c%7C`, `${WINDOW},"place":"c|","key":4,${NULLS}`],
])

const textsByKey = (rows: readonly ServedRow[]): ReadonlyMap<string, string> =>
  new Map(rows.map(({ key, row }) => [key, row]))

describe('results in Cassandra, through Kafka Connect', { skip: await whyNoServers(KINDS) }, () => {
  let bench: CassandraBench

  before(async () => {
    bench = new CassandraBench(await startTestCluster({ servers: KINDS }))
  })
  after(() => bench?.close())

  const reads = async (reader: CassandraResultReader, query: string, expected: ReadonlyMap<string, string>) => {
    const isSame = async () => {
      await bench.look()
      const found = textsByKey(await selected(reader, query))
      return found.size === expected.size && [...expected].every(([key, row]) => found.get(key) === row)
    }
    await until(`rows of ${query}`, isSame).catch(async () =>
      assert.deepEqual(textsByKey(await selected(reader, query)), expected),
    )
  }

  it('come back as they were sent, to the last digit of every type', async () => {
    const deployed = appNamed('types')
    await bench.deploy(deployed)
    await bench.send('types_wideStream', WIDE_ROWS)
    const reader = await bench.reader(deployed)
    await reads(reader, 'wide', WIDE_ROWS)
    assert.equal(await reader.rowCount('wide'), 4)
  })

  it('are upserts: a repeat changes nothing, a null takes the place of a value, a tombstone removes, and what follows it stays', async () => {
    const deployed = appNamed('upserts')
    await bench.deploy(deployed)
    const [a, b] = [`${START_MS}|a`, `${START_MS}|b`]
    const emptied = `${WINDOW},"place":"a","key":9,${NULLS}`
    for (const messages of [[...WIDE_ROWS], [...WIDE_ROWS]]) await bench.send('upserts_wideStream', messages)
    await bench.send('upserts_wideStream', [[a, emptied]])
    await bench.send('upserts_wideStream', [[b, null]])
    await bench.send('upserts_wideStream', [[`${START_MS}|~`, null]])
    await bench.send('upserts_wideStream', [[`${START_MS}|~`, WIDE_ROWS.get(`${START_MS}|~`)!]])
    const expected = new Map([...WIDE_ROWS].filter(([key]) => key !== b))
    await reads(await bench.reader(deployed), 'wide', expected.set(a, emptied))

    await bench.send('upserts_eachStream', [
      ['0|0', '{"s":null,"m":null}'],
      ['0|1', '{"s":"x","m":1.0000}'],
      ['0|1', null],
    ])
    await reads(await bench.reader(deployed), 'each', new Map([['0|0', '{"s":null,"m":null}']]))
  })

  it('of aborted transactions are not served', async () => {
    const deployed = appNamed('aborts')
    await bench.deploy(deployed)
    await bench.sendAndAbort('aborts_eachStream', ['0|0', '{"s":"aborted","m":null}'])
    await bench.send('aborts_eachStream', [['0|1', '{"s":"committed","m":null}']])
    await reads(await bench.reader(deployed), 'each', new Map([['0|1', '{"s":"committed","m":null}']]))
  })

  it('that do not fit are dead letters with a reason, and the others pass them', async () => {
    const deployed = appNamed('poison')
    await bench.deploy(deployed)
    await bench.send('poison_eachStream', [
      ['0|0', 'nonsense'],
      ['0|1', '{"s":"x"}'],
      ['0|2', '{"s":"x","m":"much"}'],
      ['somewhere', '{"s":"x","m":1}'],
      ['0|3', '{"s":"good","m":2.5000}'],
    ])
    await reads(await bench.reader(deployed), 'each', new Map([['0|3', '{"s":"good","m":2.5000}']]))
    const letters = await bench.deadLetters('each', 'poison_eachDeadLetters', 4)
    assert.deepEqual(
      letters.map(({ key, row, source }) => [key, row, source?.topic]).sort(),
      [
        ['0|0', 'nonsense', 'poison_eachStream'],
        ['0|1', '{"s":"x"}', 'poison_eachStream'],
        ['0|2', '{"s":"x","m":"much"}', 'poison_eachStream'],
        ['somewhere', '{"s":"x","m":1}', 'poison_eachStream'],
      ].sort(),
    )
    const reasons = new Map(letters.map(({ key, reason }) => [key, reason]))
    assert.match(reasons.get('0|0')!, /a row is no JSON: Unrecognized token 'nonsense'/)
    assert.match(reasons.get('0|1')!, /value\.m.* was missing/)
    assert.match(reasons.get('somewhere')!, /'somewhere' is no result key/)
    const count = async (topic: string) => ({ count: await bench.endOf(topic), lastMs: null })
    const connectors = new AppConnectors(bench.client, systemClock, bench.connectors(deployed), count)
    await connectors.deploy()
    await until('that they run', async () => {
      await connectors.look()
      return connectors.facts.every(({ state }) => state === 'running')
    })
    assert.deepEqual(
      connectors.facts.map(({ query, deadLetters }) => [query, deadLetters]),
      [
        ['wide', 0],
        ['each', 4],
      ],
    )
    await connectors.close()
  })

  it('wait on their topic while Cassandra is away, and none is lost or taken for a bad one', async () => {
    const deployed = appNamed('away')
    const watches = await bench.deploy(deployed)
    const row = (offset: number): Message => [`0|${offset}`, `{"s":"row ${offset}","m":${offset}.0000}`]
    const rows = Array.from({ length: 20_000 }, (_, offset) => row(offset))
    const reader = await bench.reader(deployed)
    await bench.send('away_eachStream', rows.slice(0, 10_000))
    await until('some rows', async () => (await reader.rowCount('each')) > 0)
    await bench.servers.kill('cassandra-1')
    await bench.send('away_eachStream', rows.slice(10_000))
    await assert.rejects(reader.rowCount('each'), { code: 'MSB_SINK_UNREACHABLE' })
    assert.deepEqual((await watches.get('each')!.look()).failedTasks, [])
    await bench.servers.restart('cassandra-1')
    await until('all rows', async () => (await reader.rowCount('each').catch(() => 0)) === rows.length)
    assert.deepEqual(textsByKey(await selected(reader, 'each')), new Map(rows))
    assert.equal(await bench.endOf('away_eachDeadLetters'), 0, 'nothing was given up')
  })

  it('of a table that was dropped come again from the topic; the task that failed meanwhile is reported and started again', async () => {
    const deployed = appNamed('dropped')
    const watch = (await bench.deploy(deployed)).get('each')!
    const reader = await bench.reader(deployed)
    const [one, two]: readonly (readonly [string, string])[] = [
      ['0|0', '{"s":"before","m":1.0000}'],
      ['0|1', '{"s":"after","m":2.0000}'],
    ]
    await bench.send('dropped_eachStream', [one!])
    await reads(reader, 'each', new Map([one!]))
    await bench.session.define('DROP TABLE ks_dropped."each"')
    await bench.send('dropped_eachStream', [two!])
    const states = async () => {
      const { connector, tasks } = (await bench.client.status('dropped_each'))!
      return [connector.state, ...tasks.map(({ state }) => state)]
    }
    await until('a failed task', async () => (await states()).includes('FAILED'))
    assert.deepEqual(await states(), ['RUNNING', 'FAILED'], 'the connector says nothing')
    assert.equal((await watch.look()).state, 'failed')
    assert.match(watch.facts.failedTasks[0]!.reason, /unconfigured table|does not exist/)
    await until('a task that runs', async () => (await watch.look()).state === 'running')
    assert.ok(watch.facts.restarts >= 1)
    await reads(reader, 'each', new Map([one!, two!]))
  })

  it('go on when somebody deletes the connector: it is put back and reads on', async () => {
    const deployed = appNamed('deleted')
    const watch = (await bench.deploy(deployed)).get('each')!
    await bench.send('deleted_eachStream', [['0|0', '{"s":"before","m":null}']])
    const reader = await bench.reader(deployed)
    await reads(reader, 'each', new Map([['0|0', '{"s":"before","m":null}']]))
    await bench.client.delete('deleted_each')
    await bench.send('deleted_eachStream', [['0|1', '{"s":"after","m":null}']])
    await until('that it is put back', async () => (await watch.look()).putBack === 1)
    await until('that it runs', async () => (await watch.look()).state === 'running')
    await reads(
      reader,
      'each',
      new Map([
        ['0|0', '{"s":"before","m":null}'],
        ['0|1', '{"s":"after","m":null}'],
      ]),
    )
  })

  it('have tables and keyspaces that nobody else can take', async () => {
    const deployed = appNamed('owner')
    await bench.setUp(deployed)
    const refusal = (message: RegExp) => (error: unknown) =>
      error instanceof MysimbdpError && error.code === 'MSB_SINK_OWNED' && message.test(error.message)
    await assert.rejects(bench.setUp(deployed, 'another'), refusal(/keyspace 'ks_owner' belongs to tenant 'lab'/))
    await assert.rejects(
      bench.setUp(appNamed('intruder'), 'lab', 'ks_owner'),
      refusal(/table 'ks_owner.WideTable' belongs to query 'wide' of app 'owner' of tenant 'lab'/),
    )
    await bench.session.define('DROP TABLE ks_owner."each"')
    await bench.session.define('CREATE TABLE ks_owner."each" (a int PRIMARY KEY)')
    await assert.rejects(bench.setUp(deployed), refusal(/was not made by mysimbdp/))
  })

  it('of the taxi app are those of the embedded engine, in the same order and pages', () =>
    withScratchFolder(async (folder) => {
      const sample = taxi.streams.ingestData!.sample!
      const source = embeddedPlatform.openSample('ingestData', sample, { ...sample.defaults, records: 5000 })
      const inputs = new Map([['ingestData', [source]]])
      const [lateness, clock, platform] = ['as-stream', systemClock, embeddedPlatform] as const
      await runBounded({ app: taxi, inputs, lateness, folder, kept: false, platform, clock })
      await bench.deploy(taxi)
      const own = embeddedPlatform.openResults(folder)
      const reader = await bench.reader(taxi)
      for (const { name } of taxi.plan.queries) {
        const rows = [...own.select(name, {})]
        await bench.send(
          `${taxi.plan.name}_${name}Stream`,
          rows.map(({ key, row }) => [key, row]),
        )
        await until(`rows of ${name}`, async () => (await reader.rowCount(name)) === rows.length)
        assert.deepEqual(await selected(reader, name), rows)
        const middle = rows[rows.length >> 1]!
        for (const selection of [
          { after: middle },
          { key: middle.key },
          { newestFirst: true },
          { fromMs: middle.windowStart!, toMs: middle.windowStart! + 60_000 },
        ])
          assert.deepEqual(await selected(reader, name, selection), [...own.select(name, selection)], name)
      }
      own.close()
      const host = await LiveHost.open([taxi], {
        context: { platform: { ...embeddedPlatform, serving: bench.serving(reader) } },
      })
      const rows = await selected(reader, 'sumFareWindow')
      const path = `/v1/apps/${taxi.plan.name}/queries/sumFareWindow/results?format=ndjson`
      const served = await (await fetch(`${host.url}${path}`)).text()
      assert.deepEqual(served.trimEnd().split('\n'), rows.map(rowLine))
      await host.close()
    }))
})
