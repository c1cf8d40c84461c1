import type { KafkaConnection } from '#dataplane/brokers/kafka/connection.ts'
import { TransactionalProducer } from '#dataplane/brokers/kafka/transactional-producer.ts'

const TRANSACTION_RECORDS = 10_000

/** Writes values as another producer would, past ingest, some thousands in a transaction. */
export async function fillTopic(
  connection: KafkaConnection,
  topic: string,
  records: Iterable<{ readonly partition: number; readonly value: string }>,
): Promise<void> {
  const producer = await TransactionalProducer.open(connection, `${topic}-filled`)
  const write = async (batch: readonly { readonly partition: number; readonly value: string }[]): Promise<void> => {
    const messages = batch.map(({ partition, value }) => ({ topic, partition, key: null, value: Buffer.from(value) }))
    await producer.run((transaction) => transaction.send(messages))
  }
  try {
    let batch: { readonly partition: number; readonly value: string }[] = []
    for (const record of records) {
      batch.push(record)
      if (batch.length < TRANSACTION_RECORDS) continue
      await write(batch)
      batch = []
    }
    if (batch.length > 0) await write(batch)
  } finally {
    await producer.close()
  }
}
