import assert from 'node:assert/strict'
import { it } from 'node:test'
import { app, count, decimal, schema, stream, string, timestamp, tumbling } from 'mysimbdp'
import { metrics } from '#services/metrics/metrics.ts'
import { HealthPlatform } from './health-platform.ts'

const trips = stream('trips', {
  schema: schema('trip', { taxi: string(), at: timestamp(), fare: decimal(8, 2) }),
  eventTime: 'at',
  watermark: '10 seconds',
})
const taxi = app(
  'taxi',
  { timeZone: 'UTC' },
  { tripsPerMinute: trips.window(tumbling('1 minute')).aggregate({ trips: count() }).output('append') },
)

const at = (time: string, more: object = { fare: 1 }): string =>
  JSON.stringify({ taxi: 'a', at: `2024-04-13T${time}Z`, ...more })

interface Exposition {
  /** Name to help and type. */
  readonly heads: ReadonlyMap<string, { readonly help: string; readonly type: string }>
  /** Name with labels, as written, to value. */
  readonly values: ReadonlyMap<string, number>
}

/** Reads the text form of Prometheus, and is strict about it. */
function parse(text: string): Exposition {
  const heads = new Map<string, { help: string; type: string }>()
  const values = new Map<string, number>()
  assert.ok(text.endsWith('\n'))
  for (const line of text.split('\n')) {
    if (line === '') continue
    const [, kind, name, rest] = /^# (HELP|TYPE) ([a-z_\d]+) (.+)$/.exec(line) ?? []
    if (kind === 'HELP') heads.set(name!, { help: rest!, type: '' })
    else if (kind === 'TYPE') heads.get(name!)!.type = rest!
    else {
      const sample = /^([a-z_\d]+)(\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)+\})? (-?[\d.e+-]+|Nan|[+-]?Inf)$/.exec(line)
      assert.ok(sample, `'${line}' is no sample`)
      const [, metric, labels = '', value] = sample
      const base = heads.has(metric!) ? metric! : metric!.replace(/_(bucket|sum|count)$/, '')
      assert.ok(heads.has(base), `${metric} has a help text before it`)
      assert.ok(!values.has(metric! + labels), `${metric}${labels} is there once`)
      values.set(metric! + labels, Number(value!.replace('Inf', 'Infinity')))
    }
  }
  return { heads, values }
}

it('serves figures of ingest, log, job, queries and health in the text form of Prometheus', async () => {
  const platform = await HealthPlatform.start(taxi)
  try {
    await platform.send([at('12:00:00'), at('12:00:30'), at('12:00:40', { Fare: 1 }), at('12:05:00'), at('12:00:10')])
    await platform.caughtUp(5)
    const response = await fetch(`${platform.url}/metrics`)
    assert.match(response.headers.get('content-type')!, /^text\/plain; version=0\.0\.4/)
    const { heads, values } = parse(await response.text())
    const expected = {
      'mysimbdp_ingest_up{app="taxi"}': 1,
      'mysimbdp_job_up{app="taxi"}': 1,
      'mysimbdp_ingest_accepted_records_total{app="taxi",stream="trips"}': 4,
      'mysimbdp_ingest_rejected_records_total{app="taxi",stream="trips",reason="renamed_field"}': 1,
      'mysimbdp_dead_letters_total{app="taxi",stream="trips",reason="renamed_field"}': 1,
      'mysimbdp_ingest_already_received_records_total{app="taxi",stream="trips"}': 0,
      'mysimbdp_log_records_total{app="taxi",stream="trips"}': 5,
      'mysimbdp_log_append_seconds_count{app="taxi",stream="trips"}': 1,
      'mysimbdp_log_append_seconds_bucket{app="taxi",stream="trips",le="+Inf"}': 1,
      'mysimbdp_log_watermark_timestamp_seconds{app="taxi",stream="trips"}': Date.parse('2024-04-13T12:04:50Z') / 1000,
      'mysimbdp_job_latency_seconds_count{app="taxi"}': 5,
      'mysimbdp_job_commit_seconds_count{app="taxi"}': 1,
      'mysimbdp_query_read_records_total{app="taxi",query="tripsPerMinute"}': 5,
      'mysimbdp_query_late_records_total{app="taxi",query="tripsPerMinute"}': 1,
      'mysimbdp_query_unread_records{app="taxi",query="tripsPerMinute"}': 0,
      'mysimbdp_results_rows_written_total{app="taxi",query="tripsPerMinute"}': 1,
      'mysimbdp_health_status{app="taxi"}': 1,
      'mysimbdp_health_findings{app="taxi",code="records_rejected"}': 1,
      'mysimbdp_health_findings{app="taxi",code="records_late"}': 0,
    }
    for (const [name, value] of Object.entries(expected)) assert.equal(values.get(name), value, name)
    assert.ok(values.get('mysimbdp_log_bytes{app="taxi",stream="trips"}')! > 0)
    assert.ok(values.get('mysimbdp_disk_free_bytes')! > 0)
    assert.ok(values.get('process_resident_memory_bytes')! > 0)
    for (const { name, help, type } of metrics) assert.deepEqual(heads.get(name), { help, type })
  } finally {
    await platform.stop()
  }
})

it('counts in buckets what does not exceed their ends, so that each holds those before it', async () => {
  const platform = await HealthPlatform.start(taxi)
  try {
    for (let i = 0; i < 5; i++) await platform.send([at(`12:00:0${i}`)])
    await platform.caughtUp(5)
    const { values } = parse(await (await fetch(`${platform.url}/metrics`)).text())
    const buckets = [...values].filter(([name]) => name.startsWith('mysimbdp_log_append_seconds_bucket'))
    const counts = buckets.map(([, value]) => value)
    assert.equal(counts.length, 18)
    assert.deepEqual(
      [...counts].sort((a, b) => a - b),
      counts,
    )
    assert.equal(counts.at(-1), 5)
  } finally {
    await platform.stop()
  }
})

it('has names, units and help texts as Prometheus wants them', () => {
  for (const { name, type, help, counts } of metrics) {
    assert.match(name, /^mysimbdp_[a-z]+(_[a-z]+)+$/)
    assert.equal(name.endsWith('_total'), type === 'counter', name)
    assert.equal(counts !== undefined, type !== 'gauge', name)
    assert.doesNotMatch(help, /\.$/, name)
    assert.ok(help.length > 20, name)
  }
  assert.equal(new Set(metrics.map(({ name }) => name)).size, metrics.length)
})
