import { rmSync } from 'node:fs'
import type { Engine, Purpose } from './engine.ts'
import { startJavaPeer, whyNotInstalled } from './java-peer.ts'

const MAIN_CLASS = 'FourQueriesInStreams'
const MEGABYTE = 2 ** 20

/** Bytes of the cache that keeps rows from being written at each change, and how long its producer waits for more. A backlog gets the defaults. */
const settings: Readonly<Record<Purpose, readonly [cacheBytes: number, lingerMs: number]>> = {
  backlog: [10 * MEGABYTE, 100],
  latency: [10 * MEGABYTE, 5],
}

/** A group that was killed has members for some time yet, so each start has a group of its own. */
let started = 0

/** As many threads as the topic has partitions. */
export const kafkaStreams: Engine = {
  id: 'kafka-streams',
  title: 'Kafka Streams 4.3.1: exactly_once_v2, RocksDB, grace as our delay',
  lateness: 'per-window',
  // It looks once a second which windows are closed, and only when a record comes.
  closesWithinMs: 120_000,
  quietMs: 4000,
  warmUpSeconds: 48,
  whyNot: () => whyNotInstalled('kafka-streams', MAIN_CLASS),
  start: (task) => {
    const state = task.bench.run.scratchPath('kafka-streams-state')
    rmSync(state, { recursive: true, force: true })
    return startJavaPeer(task, 'kafka-streams', {
      options: ['-Xmx2g'],
      mainClass: MAIN_CLASS,
      args: (results) => [
        ...[
          task.bench.bootstrapServer,
          task.inputTopic,
          results,
          `${task.app}_streams_${++started}`,
          String(task.partitions),
          state,
        ],
        ...settings[task.purpose].map(String),
      ],
    })
  },
}
