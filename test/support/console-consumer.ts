import { execFile } from 'node:child_process'
import { delimiter } from 'node:path'
import { promisify } from 'node:util'
import { findInstallation, jarsOf } from '#services/cluster/installation.ts'

export interface ConsumedMessage {
  readonly partition: number
  readonly offset: number
  /** 'null' for none. */
  readonly key: string
  /** Null for a tombstone. */
  readonly value: string | null
}

/** How long it waits for another message, by attempt: a machine that has much to do is slow to bring the first. */
const PATIENCE_MS = [5000, 20_000, 60_000]

/**
 * What Kafka's own consumer, which shares no code with ours, reads of a topic: committed records from the beginning to the end. It cannot tell an end from
 * a pause, so one that brings less than is expected is asked again, with more patience.
 */
export async function consumedByKafka(
  bootstrapServer: string,
  topic: string,
  expected: number,
): Promise<readonly ConsumedMessage[]> {
  let messages: readonly ConsumedMessage[] = []
  for (const patienceMs of PATIENCE_MS) {
    messages = await consume(bootstrapServer, topic, patienceMs)
    if (messages.length >= expected) break
  }
  return messages
}

async function consume(
  bootstrapServer: string,
  topic: string,
  patienceMs: number,
): Promise<readonly ConsumedMessage[]> {
  const installation = await findInstallation(['kafka'], () => {})
  const { stdout } = await promisify(execFile)(
    installation.java,
    [
      ...['-Xmx256m', '-cp', jarsOf('kafka', installation).join(delimiter)],
      'org.apache.kafka.tools.consumer.ConsoleConsumer',
      ...[
        '--bootstrap-server',
        bootstrapServer,
        '--topic',
        topic,
        '--from-beginning',
        '--timeout-ms',
        String(patienceMs),
      ],
      ...['--command-property', 'isolation.level=read_committed'],
      ...['print.key=true', 'print.partition=true', 'print.offset=true', 'key.separator=\u0001'].flatMap((property) => [
        '--formatter-property',
        property,
      ]),
    ],
    { maxBuffer: 1 << 29 },
  )
  return stdout
    .split('\n')
    .filter((line) => line.includes('\u0001'))
    .map((line) => {
      const [partition, offset, key, value] = line.split('\u0001') as [string, string, string, string]
      return { partition: numberIn(partition), offset: numberIn(offset), key, value: value === 'null' ? null : value }
    })
}

/** Of `Partition:3`. */
const numberIn = (text: string): number => Number(text.slice(text.indexOf(':') + 1))
