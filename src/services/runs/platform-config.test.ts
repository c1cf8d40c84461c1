import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkedConfig, EMBEDDED_CONFIG } from './platform-config.ts'

const CASSANDRA = {
  kind: 'cassandra',
  contactPoints: ['127.0.0.1'],
  localDataCenter: 'datacenter1',
  keyspace: 'mysimbdp_coredms',
  replication: { class: 'SimpleStrategy', replication_factor: 1 },
  connect: { url: 'http://127.0.0.1:8083' },
}
const KAFKA = { kind: 'kafka', bootstrapServers: ['127.0.0.1:9092'] }

const parsed = (document: unknown) => checkedConfig(document, 'platform.json')
const refusal = (document: unknown): string => {
  try {
    parsed(document)
  } catch (error) {
    return (error as Error).message
  }
  return assert.fail('it was accepted')
}

describe('the configuration of a platform', () => {
  it('is the embedded one where nothing is named', () => {
    assert.deepEqual(parsed({}), EMBEDDED_CONFIG)
    assert.deepEqual(parsed({ broker: { kind: 'local' }, sink: { kind: 'sqlite' } }), EMBEDDED_CONFIG)
  })

  it('fills in what Kafka and Cassandra have by default', () => {
    assert.deepEqual(parsed({ broker: KAFKA, sink: CASSANDRA }), {
      broker: { ...KAFKA, partitions: 1, replication: 1 },
      engine: { kind: 'embedded' },
      sink: { ...CASSANDRA, port: 9042 },
      schemaRegistry: null,
    })
  })

  it('keeps what secures connections', () => {
    const tls = { caFile: 'ca.pem' }
    const sasl = { mechanism: 'SCRAM-SHA-512', username: 'u', password: 'p' }
    assert.deepEqual(parsed({ broker: { ...KAFKA, tls, sasl } }).broker, {
      ...KAFKA,
      partitions: 1,
      replication: 1,
      tls,
      sasl,
    })
  })

  it('keeps what secures connections to Cassandra and Connect, and does not show a password that is none', () => {
    const security = { username: 'u', password: 'p', tls: { caFile: 'ca.pem' } }
    const connect = { ...CASSANDRA.connect, username: 'c', password: 'd', settings: { 'ssl.truststore.path': 'store' } }
    const sink = { ...CASSANDRA, ...security, connect }
    assert.deepEqual(parsed({ broker: KAFKA, sink }).sink, { ...sink, port: 9042 })
    assert.equal(
      refusal({ broker: KAFKA, sink: { ...sink, password: 4711 } }),
      "'platform.json': configuration.sink.password must be a text, and is something else",
    )
  })

  it('takes Spark as the engine of an app whose records are in Kafka', () => {
    const engine = { kind: 'spark', url: 'sc://127.0.0.1', checkpoints: 's3a://bucket/checkpoints' }
    assert.deepEqual(parsed({ broker: KAFKA, engine }).engine, engine)
    assert.match(refusal({ engine }), /configuration\.broker must be kafka where the engine is spark/)
    const sasl = { mechanism: 'PLAIN', username: 'u', password: 'p' }
    assert.match(
      refusal({ broker: { ...KAFKA, sasl }, engine }),
      /queries on Spark cannot be given what broker\.sasl says/,
    )
  })

  it('says what is wrong and where', () => {
    assert.equal(
      refusal({ broker: { ...KAFKA, bootstrap: 'x' } }),
      `'platform.json': configuration.broker.bootstrap is not known; 'bootstrapServers' is (known here: kind, bootstrapServers, partitions, replication, tls, sasl)`,
    )
    assert.match(refusal({ broker: { kind: 'rabbit' } }), /configuration\.broker\.kind must be one of local, kafka/)
    assert.match(
      refusal({ broker: { ...KAFKA, sasl: { mechanism: 'GSSAPI' } } }),
      /sasl\.mechanism must be one of PLAIN, SCRAM/,
    )
    const secret = { mechanism: 'PLAIN', username: 'u', password: 4711 }
    assert.equal(
      refusal({ broker: { ...KAFKA, sasl: secret } }),
      "'platform.json': configuration.broker.sasl.password must be a text, and is something else",
    )
    assert.match(refusal({ sink: CASSANDRA }), /must be kafka where the sink is cassandra/)
    assert.match(refusal({ broker: { kind: 'kafka' } }), /bootstrapServers must be a list, and is absent/)
  })
})
