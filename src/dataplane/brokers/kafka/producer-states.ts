import type { ProducerState } from '../producer-sequence.ts'
import { CommittedFetch } from './committed-fetch.ts'
import type { KafkaConnection } from './connection.ts'
import { producersTopicOf } from './topic-names.ts'
import type { KafkaMessage } from './transactional-producer.ts'

/** The topic is compacted and has one partition; its key says which producer. */
const PARTITION = 0
/** Key of the record that names the instance of ingest that owns the stream. */
const OWNER_KEY = 'owner'

interface StateDocument {
  readonly epoch: number
  readonly nextSequence: number
  readonly lastArrivalMs: number | null
}

/** What ingest has received of each producer, as the topic says. */
export interface KnownProducers {
  readonly owner: string | null
  /** By producer id. A sequence numbers records of the whole stream: one transaction writes to all its partitions. */
  readonly states: Map<string, ProducerState>
}

export const producerStateMessage = (topic: string, state: ProducerState): KafkaMessage => {
  const { id, epoch, nextSequence, lastArrivalMs } = state
  const document: StateDocument = { epoch, nextSequence, lastArrivalMs }
  return messageOf(topic, JSON.stringify([id]), JSON.stringify(document))
}

export const ownerMessage = (topic: string, owner: string): KafkaMessage => messageOf(topic, OWNER_KEY, owner)

const messageOf = (topic: string, key: string, value: string): KafkaMessage => ({
  topic: producersTopicOf(topic),
  partition: PARTITION,
  key: Buffer.from(key),
  value: Buffer.from(value),
})

/** Reads everything that is committed; whoever is to rely on it has fenced older writers before, so that nothing is undecided for long. */
export async function readProducers(connection: KafkaConnection, topic: string): Promise<KnownProducers> {
  const states = new Map<string, ProducerState>()
  let owner: string | null = null
  const fetch = await CommittedFetch.open(connection, producersTopicOf(topic))
  try {
    await fetch.settled(PARTITION)
    for await (const { key, value } of fetch.readToEnd(PARTITION, 0)) {
      if (key === null || value === null) continue
      if (key.toString() === OWNER_KEY) {
        owner = value.toString()
        continue
      }
      const [id] = JSON.parse(key.toString()) as [string]
      states.set(id, { id, ...(JSON.parse(value.toString()) as StateDocument) })
    }
    return { owner, states }
  } finally {
    await fetch.close()
  }
}
