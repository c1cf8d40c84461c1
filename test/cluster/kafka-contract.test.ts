import { before, describe } from 'node:test'
import { brokerContract } from '#dataplane/brokers/broker.contract.ts'
import type { StreamSpec } from '#dataplane/brokers/broker.ts'
import type { KafkaConnection } from '#dataplane/brokers/kafka/connection.ts'
import { syntheticStream } from '#dataplane/brokers/synthetic-records.contract.ts'
import { kafkaBroker, numberStream } from '../support/kafka-streams.ts'
import { startTestCluster, whyNoServers } from '../support/test-cluster.ts'

const CUT_WHEN_READ = 'Kafka keeps no batches of ours: they are cut as they are read, over what a fetch brings'
const DEAD_LETTERS =
  'records are decoded by who reads them, so the job keeps dead letters, in the transaction of its commit'
const GAPS = 'a transaction leaves a marker behind its records, which has an offset'

/** What the contract of a broker asks for and Kafka cannot give, by the title of the test. Each was seen to be so. */
const differencesOfKafka = {
  'a batch in which every record was rejected keeps its place': CUT_WHEN_READ,
  'a batch knows its arrival, its event times and the greatest one before it': `${CUT_WHEN_READ}; and records are dated by the broker`,
  'a dead letter is of the partition in which it was rejected': DEAD_LETTERS,
  'requests that are appended together lie one after the other, each a batch of its own': `${GAPS}; ${CUT_WHEN_READ}`,
  'a log without retention keeps all, whatever readers need, and says what it takes':
    'Kafka does not say when its oldest record arrived',
  'reading goes on where it stopped, a few batches at a time': CUT_WHEN_READ,
  'an offset out of range, or inside a batch, is an error and never another offset': `${GAPS}; ${CUT_WHEN_READ}`,
  'a dictionary stays the same object from read to read, and its codes stay while it grows': CUT_WHEN_READ,
  'the greatest event time is carried across openings': CUT_WHEN_READ,
  'each opening is a generation that begins at the end of the log':
    'a topic is one generation: it is never older than it was',
  'a producer has a sequence of its own in each partition':
    'one transaction writes to all partitions, so a producer has one sequence',
  'a rejected record is kept with its bytes, its reason, its place and its arrival': DEAD_LETTERS,
  'what a producer sends again leaves no second dead letter, and dead letters are there after reopening': DEAD_LETTERS,
  'rejected records are listed by offset and counted by reason, with an example': DEAD_LETTERS,
}

describe('what a broker is held to, on Kafka', { skip: await whyNoServers(['kafka']) }, () => {
  let connection: KafkaConnection
  before(async () => {
    const { addresses } = await startTestCluster({ servers: ['kafka'] })
    connection = { bootstrapServers: addresses.bootstrapServers }
  })

  brokerContract(
    'Kafka',
    async () => {
      const { topic } = numberStream()
      return {
        offsetsHaveGaps: true,
        open: () => {
          const broker = kafkaBroker(connection, syntheticStream())
          return {
            partitions: 1,
            openStream: (spec: StreamSpec) => broker.openStream({ ...spec, topic }),
            close: () => broker.close(),
          }
        },
        dispose: async () => {},
      }
    },
    differencesOfKafka,
  )
})
