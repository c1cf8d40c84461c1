import type { Engine, Purpose } from './engine.ts'
import { peerFile, startJavaPeer, whyNotInstalled } from './java-peer.ts'

const MAIN_CLASS = 'FourQueriesOnKafka'

/** Of a checkpoint, with which results can be read; of rows that change; of buffers between operators. What a steady rate gets is what gave the least latency. */
const settings: Readonly<Record<Purpose, readonly [checkpointMs: number, updateMs: number, bufferMs: number]>> = {
  backlog: [1000, 1000, 100],
  latency: [100, 20, 1],
}

export const flink: Engine = {
  id: 'flink',
  title: 'Flink 2.3.0: KafkaSource, EXACTLY_ONCE sink, lateness as ours',
  lateness: 'per-window',
  closesWithinMs: 0,
  // A row that changed is given a second later, and can be read with the checkpoint after it.
  quietMs: 4000,
  warmUpSeconds: 25,
  whyNot: () => whyNotInstalled('flink', MAIN_CLASS),
  start: (task) =>
    startJavaPeer(task, 'flink', {
      options: [`@${peerFile('flink/java.options')}`],
      mainClass: MAIN_CLASS,
      args: (results) => [task.bench.bootstrapServer, task.inputTopic, results, ...settings[task.purpose].map(String)],
    }),
}
