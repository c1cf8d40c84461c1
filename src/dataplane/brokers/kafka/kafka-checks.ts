import { type Admin, type Connection, createTopicsV7, kGetBootstrapConnection } from '@platformatic/kafka'
import type { ServerChecks } from '#foundation/connections/server-checks.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { createAdmin, type KafkaConnection } from './connection.ts'
import { brokersTooOld, FETCH } from './fetch-api.ts'
import { asKafka, isAnswer } from './kafka-error.ts'
import { TransactionalProducer } from './transactional-producer.ts'

/** Few: somebody waits for the answer, and a broker that restarts is a finding. */
const RETRIES = 2
const TIMEOUT_MS = 10_000
const TOPIC = 'mysimbdp_doctor'
/** Of Kafka 4.0. */
const PRODUCE = { key: 0, versionOfFour: 12 }

/** Whether a platform can work with a Kafka cluster: reach, version, topics, transactions. Nothing is created but the state of a transactional id. */
export function kafkaChecks(configured: KafkaConnection, replication: number): ServerChecks {
  let admin: Admin | undefined
  const opened = (): Admin => (admin ??= createAdmin({ ...configured, retries: RETRIES }))
  const servers = configured.bootstrapServers.join(', ')
  return {
    checks: [
      { what: `Kafka at ${servers}`, look: async () => reach(opened(), configured) },
      { what: 'the version of Kafka', look: () => version(opened()) },
      { what: 'new topics of Kafka', look: () => newTopics(opened(), replication) },
      { what: 'transactions of Kafka', look: () => transactions(configured) },
    ],
    close: async () => admin?.close().catch(() => {}),
  }
}

async function reach(admin: Admin, { sasl, tls }: KafkaConnection): Promise<string> {
  const { brokers } = await asKafka('connecting', () => admin.metadata({ topics: [] }))
  const places = [...brokers.values()].map(({ host, port }) => `${host}:${port}`)
  const as = sasl === undefined ? 'without a user' : `as user '${sasl.username}'`
  return `${places.length === 1 ? 'one broker answers' : `${places.length} brokers answer`} (${places.join(', ')}), ${tls === undefined ? 'not encrypted' : 'encrypted'}, ${as}`
}

async function version(admin: Admin): Promise<string> {
  const apis = await asKafka('asking for versions', () => admin.listApis())
  const newest = (key: number): number => apis.find(({ apiKey }) => apiKey === key)?.maxVersion ?? -1
  if (newest(FETCH.key) < FETCH.version) throw brokersTooOld()
  return newest(PRODUCE.key) < PRODUCE.versionOfFour
    ? 'between 3.9 and 4.0; the platform is tested with 4.3'
    : '4.0 or newer; the platform is tested with 4.3'
}

/** The client has no way to ask without creating, so the request is made by hand. */
async function newTopics(admin: Admin, replication: number): Promise<string> {
  const topic = { name: TOPIC, numPartitions: 1, replicationFactor: replication, assignments: [], configs: [] }
  try {
    const connection = await bootstrapConnection(admin)
    await createTopicsV7.api.async(connection, [topic], TIMEOUT_MS, true)
  } catch (error) {
    if (isAnswer(error, 'INVALID_REPLICATION_FACTOR'))
      throw new MysimbdpError(
        'MSB_KAFKA_TOPIC_MISMATCH',
        `topics are to have ${replication} copies, and the cluster has fewer brokers`,
        { cause: error, hint: 'Lower broker.replication in the configuration, or start more brokers.' },
      )
    await asKafka(`asking whether a topic '${TOPIC}' may be created`, () => Promise.reject(error))
  }
  return `may be created, with ${replication === 1 ? 'one copy' : `${replication} copies`}`
}

const bootstrapConnection = (admin: Admin): Promise<Connection> =>
  new Promise((resolve, reject) => {
    admin[kGetBootstrapConnection]((error, connection) => (error ? reject(error) : resolve(connection!)))
  })

/** The first transaction of a cluster has to wait until its topic for them is created. */
async function transactions(connection: KafkaConnection): Promise<string> {
  const producer = await TransactionalProducer.open(connection, TOPIC)
  await producer.close()
  return 'a producer can open them'
}
