import type { Retention } from '#language/query/stream.ts'
import type { Broker, StreamLog, StreamSpec } from '../broker.ts'
import type { KafkaConnection } from './connection.ts'
import { ensureTopics, type TopicSettings } from './ensure-topics.ts'
import { KafkaStreamLog } from './kafka-stream-log.ts'
import { type KafkaStreamOptions, KafkaStreamReader } from './kafka-stream-reader.ts'
import { deadLettersTopicOf, marksTopicOf, producersTopicOf } from './topic-names.ts'

export interface KafkaBrokerOptions {
  readonly connection: KafkaConnection
  readonly partitions: number
  /** Of the topics that are created. */
  readonly replication: number
  /** How the messages of a stream's topic are read. */
  streamOptions(topic: string): KafkaStreamOptions
}

/** Streams as topics of an Apache Kafka cluster. */
export class KafkaBroker implements Broker {
  readonly partitions: number
  readonly #options: KafkaBrokerOptions
  readonly #opened = new Set<{ close(): Promise<void> }>()

  constructor(options: KafkaBrokerOptions) {
    this.#options = options
    this.partitions = options.partitions
  }

  /**
   * Creates what topics of the stream do not exist, and takes over the writing of it.
   * @throws MSB_KAFKA_TOPIC_MISMATCH, MSB_KAFKA_UNREACHABLE, MSB_KAFKA_DENIED, MSB_KAFKA_FAILED
   */
  async openStream(spec: StreamSpec, retention?: Retention): Promise<StreamLog> {
    const { connection, replication, streamOptions } = this.#options
    await ensureTopics(connection, topicsOfStream(spec, replication, retention))
    const reader = await this.openReader(spec)
    const log = await KafkaStreamLog.open(connection, streamOptions(spec.topic), reader)
    this.#opened.add(log)
    return log
  }

  /** Opens a stream to read it, whoever writes it. @throws MSB_KAFKA_TOPIC_NOT_FOUND, MSB_KAFKA_UNREACHABLE, MSB_KAFKA_DENIED */
  async openReader(spec: StreamSpec): Promise<KafkaStreamReader> {
    const { connection, streamOptions } = this.#options
    const reader = await KafkaStreamReader.open(connection, spec, streamOptions(spec.topic))
    this.#opened.add(reader)
    return reader
  }

  async close(): Promise<void> {
    for (const opened of this.#opened) await opened.close()
    this.#opened.clear()
  }
}

/** The topics of a stream and what they are to be like. */
export function topicsOfStream(
  { topic, partitions }: StreamSpec,
  replication: number,
  retention?: Retention,
): readonly TopicSettings[] {
  const kept = retention === undefined ? {} : { retention }
  return [
    { topic, partitions, replication, appendTime: true, ...kept },
    { topic: deadLettersTopicOf(topic), partitions, replication, ...kept },
    { topic: marksTopicOf(topic), partitions, replication },
    { topic: producersTopicOf(topic), partitions: 1, replication, compacted: true },
  ]
}
