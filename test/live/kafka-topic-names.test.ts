import assert from 'node:assert/strict'
import { it } from 'node:test'
import { EMBEDDED_CONFIG, type PlatformConfig } from '#services/runs/platform-config.ts'
import { app, count, schema, stream, timestamp, tumbling } from '../../src/mysimbdp.ts'
import { platformOf } from '../../src/wiring.ts'
import { ASK, LiveHost } from '../support/live-host.ts'

/** Nothing listens there: what is refused is refused before anybody is asked. */
const ON_KAFKA: PlatformConfig = {
  ...EMBEDDED_CONFIG,
  broker: { kind: 'kafka', bootstrapServers: ['127.0.0.1:1'], partitions: 1, replication: 1 },
}

it('an app of which a stream and a query would use one topic is refused when it is deployed on Kafka, and nothing is kept of it', async () => {
  const trips = stream('trips', { schema: schema('trip', { at: timestamp() }), eventTime: 'at', watermark: '1 second' })
  const perMinute = trips.window(tumbling('1 minute')).aggregate({ n: count() }).output('update')
  const host = await LiveHost.open([], { context: { platform: await platformOf(ON_KAFKA), config: ON_KAFKA } })
  try {
    await assert.rejects(host.platform.deploy(app('taxi', { timeZone: 'UTC' }, { trips: perMinute }), ASK), {
      code: 'MSB_KAFKA_TOPIC_MISMATCH',
      message: /two parts of app 'taxi' would use the topic 'taxi_tripsDeadLetters'/,
    })
    assert.equal(host.platform.apps.size, 0)
  } finally {
    await host.close()
  }
})
