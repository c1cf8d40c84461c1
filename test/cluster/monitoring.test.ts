import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { Admin } from '@platformatic/kafka'
import type { RunningCluster } from '#services/cluster/running-cluster.ts'
import { PLATFORMS_FILE, platformsText } from '#services/cluster/servers/prometheus-server.ts'
import { RANGE } from '../../deploy/monitoring/dashboard.ts'
import { dashboards } from '../../deploy/monitoring/dashboards.ts'
import { until } from '../support/cassandra-bench.ts'
import { PlatformProcess, ProductProcess } from '../support/platform-process.ts'
import { PrometheusClient } from '../support/prometheus.ts'
import { EXAMPLE, taxiDay } from '../support/taxi-day.ts'
import { startTestCluster, whyNoServers } from '../support/test-cluster.ts'

const KINDS = ['kafka', 'cassandra', 'connect', 'prometheus'] as const
/** What there is one replica of goes with its broker. */
const FRAGILE = 'fragile'

/** Every figure of the reference system, by the name it has there. */
const REFERENCE_FIGURES: Readonly<Record<string, string>> = {
  'messages in, by broker': 'rate(kafka_server_brokertopicmetrics_messagesin_total{topic=""}[1m]) > 0',
  'messages in, by topic':
    'rate(kafka_server_brokertopicmetrics_messagesin_total{topic="tenantstreamapp_ingestData"}[1m]) > 0',
  'bytes in, by broker': 'rate(kafka_server_brokertopicmetrics_bytesin_total{topic=""}[1m]) > 0',
  'bytes in, by topic':
    'rate(kafka_server_brokertopicmetrics_bytesin_total{topic="tenantstreamapp_ingestData"}[1m]) > 0',
  'bytes out, by broker': 'rate(kafka_server_brokertopicmetrics_bytesout_total{topic=""}[1m]) > 0',
  'bytes out, by topic':
    'rate(kafka_server_brokertopicmetrics_bytesout_total{topic="tenantstreamapp_ingestData"}[1m]) > 0',
  'log size, by broker': 'sum by (instance) (kafka_log_log_size) > 0',
  'log size, by topic': 'sum by (topic) (kafka_log_log_size{topic="tenantstreamapp_ingestData"}) > 0',
  CPU: 'rate(process_cpu_seconds_total{job="kafka"}[1m]) > 0',
  'JVM memory': 'jvm_memory_bytes_used{job="kafka",area="heap"} > 0',
  'brokers online': 'kafka_controller_kafkacontroller_activebrokercount == 3',
  'active controllers': 'sum(kafka_controller_kafkacontroller_activecontrollercount) == 1',
  'online partitions': 'kafka_server_replicamanager_partitioncount > 0',
  'partitions led': 'kafka_server_replicamanager_leadercount > 0',
  'record error rate of our producers':
    'kafka_producer_record_error_rate{job="mysimbdp",client_id="tenantstreamapp_ingestData"}',
  'record error rate of Connect': 'kafka_producer_record_error_rate{job="connect"}',
}

describe('figures of the servers', { skip: await whyNoServers(KINDS) }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-test-'))
  let cluster: RunningCluster
  let prometheus: PrometheusClient
  let platform: PlatformProcess
  let emulator: ProductProcess
  before(async () => {
    cluster = await startTestCluster({ servers: KINDS, brokers: 3 })
    prometheus = new PrometheusClient(cluster.addresses.prometheusUrl)
    platform = await PlatformProcess.start(join(folder, 'data'), [EXAMPLE], {
      args: ['--config', cluster.platformFile],
    })
    // What never happened has no series: one record that does not fit.
    const records = `${platform.url}/v1/apps/tenantstreamapp/streams/ingestData/records`
    const headers = { 'content-type': 'application/x-ndjson' }
    await fetch(records, { method: 'POST', headers, body: '{"no": "trip"}' })
    const platforms = join(cluster.cluster.server('prometheus-1').folder, PLATFORMS_FILE)
    writeFileSync(platforms, platformsText([new URL(platform.url).host]))
    emulator = new ProductProcess([
      'emulate',
      EXAMPLE,
      '--url',
      platform.url,
      '--rate',
      '60/s',
      '--input',
      taxiDay(folder),
    ])
  })
  after(async () => {
    await emulator?.kill()
    await platform?.kill()
    await cluster?.stop(0)
    rmSync(folder, { recursive: true, force: true })
  })

  for (const [figure, query] of Object.entries(REFERENCE_FIGURES))
    it(`Prometheus has the reference's figure: ${figure}`, () =>
      until(query, async () => (await prometheus.query(query)).length > 0))

  for (const { title, rows } of dashboards)
    it(`Prometheus answers every expression of the dashboard '${title}'`, async () => {
      const expressions = rows.flatMap(({ panels }) => panels.flatMap(({ lines }) => lines.map(({ query }) => query)))
      assert.notEqual(expressions.length, 0)
      for (const expression of expressions) {
        const query = expression.replaceAll(RANGE, '1m').replaceAll(/\$\w+/g, '.*')
        // A comparison shows something only while something is wrong.
        if (/[<>]/.test(query.replaceAll(/>= 0/g, ''))) await prometheus.query(query)
        else await until(query, async () => (await prometheus.query(query)).some(({ value }) => !Number.isNaN(value)))
      }
    })

  it('no alert fires while all is well', () =>
    // The address that platforms usually have was asked for a moment, before the file named this one.
    until('no alert fires', async () => (await prometheus.firing()).length === 0))

  it('alerts fire when a broker, a partition and a task are lost, and name what was lost', async () => {
    await failingConnector(cluster)
    await topicWithoutCopies(cluster)
    await cluster.kill('kafka-3')
    const wanted = ['KafkaBrokerDown', 'KafkaPartitionsOffline', 'ConnectTaskFailed']
    await until(`${wanted}`, async () => {
      const firing = new Set((await prometheus.firing()).map(({ alert }) => alert))
      return wanted.every((alert) => firing.has(alert))
    })
    const firing = await prometheus.firing()
    const labelOf = (alert: string, label: string) => firing.find((one) => one.alert === alert)!.labels[label]
    const { host, metricsPort } = cluster.cluster.layout.brokers[2]!
    assert.equal(labelOf('KafkaBrokerDown', 'instance'), `${host}:${metricsPort}`)
    assert.equal(labelOf('ConnectTaskFailed', 'connector'), 'failing')
  })

  it('an alert ends when what was lost is back', async () => {
    await cluster.restart('kafka-3')
    await until('broker and partitions are back', async () =>
      (await prometheus.firing()).every(({ alert }) => !alert.startsWith('Kafka')),
    )
  })
})

/** A connector of which nobody takes care: its task ends with the first row, which has no schema beside it. */
async function failingConnector({ addresses }: RunningCluster): Promise<void> {
  const connectors = `${addresses.connectUrls[0]}/connectors`
  const working = await (await fetch(`${connectors}/tenantstreamapp_tripsTotal/config`)).json()
  const config = {
    ...(working as Readonly<Record<string, string>>),
    name: 'failing',
    'errors.tolerance': 'none',
    'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  }
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${connectors}/failing/config`, { method: 'PUT', headers, body: JSON.stringify(config) })
  assert.equal(response.status, 201, await response.text())
}

async function topicWithoutCopies({ addresses }: RunningCluster): Promise<void> {
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [...addresses.bootstrapServers] })
  await admin.createTopics({ topics: [FRAGILE], partitions: 6, replicas: 1 })
  await admin.close()
}
