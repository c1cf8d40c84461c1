import { createAdmin, type KafkaConnection } from './connection.ts'
import { asKafka } from './kafka-error.ts'

/** Deletes the topics that are there. @throws MSB_KAFKA_UNREACHABLE, MSB_KAFKA_DENIED, MSB_KAFKA_FAILED */
export async function removeTopics(connection: KafkaConnection, topics: readonly string[]): Promise<void> {
  const admin = createAdmin(connection)
  try {
    const existing = new Set(await asKafka('listing topics', () => admin.listTopics()))
    const there = topics.filter((topic) => existing.has(topic))
    if (there.length > 0) await asKafka('deleting topics', () => admin.deleteTopics({ topics: there }))
  } finally {
    await admin.close().catch(() => {})
  }
}
