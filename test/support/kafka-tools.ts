import { spawn } from 'node:child_process'
import { delimiter } from 'node:path'
import { findInstallation, jarsOf } from '#services/cluster/installation.ts'

/** Lines that Kafka's own tools print. Each call starts a JVM, which takes a second or more. */
export async function runKafkaTool(mainClass: string, args: readonly string[], input = ''): Promise<readonly string[]> {
  const installation = await findInstallation(['kafka'], () => {})
  const classPath = jarsOf('kafka', installation).join(delimiter)
  const child = spawn(installation.java, ['-Xmx256m', '-cp', classPath, mainClass, ...args])
  const [output, errors]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
  // A tool that ends early does not read what it is given.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  const text = Buffer.concat(output).toString()
  if (code !== 0) throw new Error(`${mainClass} ended with ${code}:\n${Buffer.concat(errors)}${text}`)
  return text.split('\n').filter((line) => line !== '')
}

/** Creates a topic; where nothing is said, with as many copies as the brokers make by default. */
export async function createTopic(bootstrapServers: readonly string[], topic: string, partitions = 1): Promise<void> {
  await runKafkaTool('org.apache.kafka.tools.TopicCommand', [
    '--bootstrap-server',
    bootstrapServers.join(','),
    '--create',
    '--topic',
    topic,
    '--partitions',
    String(partitions),
  ])
}

/** Writes lines as values without a key; resolves when all in-sync replicas have them. */
export async function produceLines(
  bootstrapServers: readonly string[],
  topic: string,
  lines: readonly string[],
): Promise<void> {
  // The tool gives a broker a second and a half and three attempts: too little for one that has just lost its neighbour on a busy machine.
  const patience = ['request.timeout.ms=30000', 'retries=1000'].flatMap((property) => ['--command-property', property])
  const to = ['--bootstrap-server', bootstrapServers.join(','), '--topic', topic]
  const args = [...to, '--command-property', 'acks=all', ...patience]
  const text = `${lines.join('\n')}\n`
  const printed = await runKafkaTool('org.apache.kafka.tools.ConsoleProducer', args, text)
  // It ends well even when a record could not be sent, and says so.
  const failure = printed.find((line) => line.includes('ERROR') || line.includes('Exception'))
  if (failure !== undefined) throw new Error(failure)
}

/** All values of a topic that are committed, read by Kafka's own consumer: the judge of what was written. */
export async function consumeLines(
  bootstrapServers: readonly string[],
  topic: string,
  count: number,
): Promise<readonly string[]> {
  return runKafkaTool('org.apache.kafka.tools.consumer.ConsoleConsumer', [
    '--bootstrap-server',
    bootstrapServers.join(','),
    '--topic',
    topic,
    '--from-beginning',
    '--max-messages',
    String(count),
    '--command-property',
    'isolation.level=read_committed',
  ])
}
