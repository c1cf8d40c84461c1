import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { createAdmin, type KafkaConnection } from '#dataplane/brokers/kafka/connection.ts'
import { ensureTopics } from '#dataplane/brokers/kafka/ensure-topics.ts'
import { systemClock } from '#foundation/time/clock.ts'
import { streamTopicOf } from '#language/plan/topic-names.ts'
import type { ServerKind } from '#services/cluster/cluster-shape.ts'
import { type RunningCluster, startCluster } from '#services/cluster/running-cluster.ts'
import { scratchClusterFolder } from '../../test/support/test-cluster.ts'
import type { BenchRun, Input } from '../bench-run.ts'
import { processCpuSeconds } from '../measuring/busy-time.ts'
import { progress } from '../measuring/progress.ts'
import { STREAM } from '../workload/trip-apps.ts'
import { sendFile } from './sender.ts'

/** Sizes of one run of this bench, beside those of `BenchRun`. */
export interface ClusterSizes {
  readonly partitions: readonly number[]
  /** Those to measure, by id; null for all that are installed. */
  readonly peers: readonly string[] | null
  /** Of the load that comes at a steady rate. */
  readonly measuredSeconds: number
  readonly slowSeconds: number
  readonly fastRecords: number
}

export const REPLICATION = 1
const ATTEMPTS = 50
const PAUSE_MS = 200

/** What the cases share: servers of their own, on free ports, and the topics in them. */
export class ClusterBench {
  readonly run: BenchRun
  readonly sizes: ClusterSizes
  /** Remarks on what was measured, for the end of the report. */
  readonly remarks: string[] = []
  readonly #folder: string
  readonly #filled = new Set<string>()
  #cluster: RunningCluster

  private constructor(run: BenchRun, sizes: ClusterSizes, folder: string, cluster: RunningCluster) {
    this.run = run
    this.sizes = sizes
    this.#folder = folder
    this.#cluster = cluster
  }

  /** Starts a broker; what else a case needs, it asks for. The servers are killed when the process ends, however it ends. */
  static async start(run: BenchRun, sizes: ClusterSizes): Promise<ClusterBench> {
    const folder = scratchClusterFolder()
    return new ClusterBench(run, sizes, folder, await serversIn(folder, ['kafka']))
  }

  /** Starts servers of these kinds beside those that run. */
  async require(kinds: readonly ServerKind[]): Promise<void> {
    this.#cluster = await serversIn(this.#folder, kinds)
  }

  get connection(): KafkaConnection {
    return { bootstrapServers: this.#cluster.addresses.bootstrapServers }
  }

  get bootstrapServer(): string {
    return this.#cluster.addresses.bootstrapServers[0]!
  }

  get metricsUrl(): string {
    return this.#cluster.addresses.metricsUrls['kafka-1']!
  }

  /** User and system time of a server (`kafka-1`) since it started. */
  cpuSecondsOf(server: string): number {
    return processCpuSeconds(this.pidOf(server))
  }

  pidOf(server: string): number {
    const { cluster } = this.#cluster
    return cluster.processOf(cluster.server(server)).pid()!
  }

  /** Starts a server as if it had never run. */
  async restart(server: string): Promise<void> {
    await this.#cluster.restart(server)
  }

  /** A configuration for `mysimbdp start` on these servers. Results are served from a keyspace of Cassandra, which is one app's alone; where none is named they stay in topics. */
  configurationFile(partitions: number, keyspace: string | null, engine: 'embedded' | 'spark'): string {
    const found = JSON.parse(readFileSync(this.#cluster.platformFile, 'utf8')) as {
      readonly broker: object
      readonly engine?: object
      readonly sink?: object
    }
    const path = this.run.scratchPath(`platform-${engine}-${keyspace ?? 'topics'}-${partitions}.json`)
    const served = keyspace === null ? {} : { sink: { ...found.sink, keyspace } }
    const onSpark = engine === 'spark' ? { engine: found.engine } : {}
    writeFileSync(path, JSON.stringify({ broker: { ...found.broker, partitions }, ...onSpark, ...served }))
    return path
  }

  /** An empty topic for the app's stream. */
  async createInputTopic(app: string, partitions: number): Promise<string> {
    const topic = streamTopicOf(app, STREAM)
    await ensureTopics(this.connection, [{ topic, partitions, replication: REPLICATION, appendTime: true }])
    return topic
  }

  /** The input in the topic of the app's stream, sent where it is not there yet. */
  async filledTopic(app: string, input: Input): Promise<string> {
    const topic = streamTopicOf(app, STREAM)
    if (this.#filled.has(topic)) return topic
    const { partitions = 1, records } = input
    const file = this.run.path(input)
    progress(`sending ${records.toLocaleString('en-US')} records to ${partitions} partitions`)
    await this.createInputTopic(app, partitions)
    await sendFile({ bootstrapServer: this.bootstrapServer, topic, file, partitions })
    this.#filled.add(topic)
    return topic
  }

  /** A topic of one partition for what an engine other than ours writes. */
  async createResultTopic(app: string, engine: string): Promise<string> {
    const topic = `${app}_${engine}_results`
    // Some engines stamp rows with the end of their window, which lies in the future, and the broker would refuse them.
    await ensureTopics(this.connection, [{ topic, partitions: 1, replication: REPLICATION, appendTime: true }])
    return topic
  }

  /** Takes away all that engines wrote for an app, so that the next one begins at the beginning of its input. */
  async forgetResults(app: string): Promise<void> {
    const kept = streamTopicOf(app, STREAM)
    await this.#withAdmin(async (admin) => {
      const topics = [...(await admin.listTopics())].filter((topic) => topic.startsWith(`${app}_`) && topic !== kept)
      if (topics.length > 0) await admin.deleteTopics({ topics })
      // The group of our job has the app's name. Others keep theirs until their members have timed out, and do not use it again.
      if ((await admin.listGroups()).has(app)) await patiently(() => admin.deleteGroups({ groups: [app] }))
    })
  }

  /** Takes away an app's input, which fills the disk. */
  async forgetInput(app: string): Promise<void> {
    const topic = streamTopicOf(app, STREAM)
    this.#filled.delete(topic)
    await this.#withAdmin((admin) => admin.deleteTopics({ topics: [topic] }))
  }

  async #withAdmin(work: (admin: ReturnType<typeof createAdmin>) => Promise<void>): Promise<void> {
    const admin = createAdmin(this.connection)
    try {
      await work(admin)
    } finally {
      await admin.close()
    }
  }

  async stop(): Promise<void> {
    await this.#cluster.stop(0)
  }
}

function serversIn(folder: string, servers: readonly ServerKind[]): Promise<RunningCluster> {
  progress(`starting ${servers.join(', ')}`)
  return startCluster({ folder, servers, ports: 'free', clock: systemClock })
}

/** A group has members for some time after they have gone. */
async function patiently(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt === ATTEMPTS) throw error
      await delay(PAUSE_MS)
    }
  }
}
