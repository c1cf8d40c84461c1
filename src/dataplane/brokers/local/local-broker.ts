import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { invariant, MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { Retention } from '#language/query/stream.ts'
import type { LoggedBatch } from '../../records/record-batch.ts'
import type {
  AppendOutcome,
  AppendRequest,
  AppendResult,
  Broker,
  DeadLetter,
  DeadLetterCount,
  LogSize,
  PartitionBounds,
  ProducerSession,
  RepairedRecords,
  ReplayResult,
  StreamLog,
  StreamSpec,
} from '../broker.ts'
import { LocalStreamReader } from './local-stream-reader.ts'
import { PartitionLog, type PartitionOptions } from './partition-log.ts'

export interface LocalBrokerOptions {
  /** Holds a folder for each topic. Created when the first stream is opened. */
  readonly folder: string
  /** A segment file that has reached this size is followed by a new one; 256 MiB by default. */
  readonly segmentBytesMax?: number
  /** The operator's limit on the log of each stream, all partitions together; none by default. */
  readonly logBytesMax?: number | null
  /** No segment may grow beyond so many pages of 16 KiB: lets a test meet a full disk. */
  readonly maxPageCount?: number
}

const SEGMENT_BYTES_MAX = 256 * 1024 * 1024
const KEEP_ALL: Retention = { timeMs: null, bytes: null }
const PARTITION_FOLDER = /^partition-(\d+)$/

/** The log on this machine: one folder for each topic and partition, SQLite files in it. */
export class LocalBroker implements Broker {
  readonly partitions = 1
  readonly #folder: string
  readonly #options: Omit<PartitionOptions, 'limits'>
  readonly #logBytesMax: number | null
  readonly #opened = new Set<LocalStreamLog>()

  constructor({ folder, segmentBytesMax = SEGMENT_BYTES_MAX, logBytesMax = null, maxPageCount }: LocalBrokerOptions) {
    this.#folder = folder
    this.#logBytesMax = logBytesMax
    this.#options = maxPageCount === undefined ? { segmentBytesMax } : { segmentBytesMax, maxPageCount }
  }

  /** @throws MSB_DATA_FOLDER_LOCKED, MSB_RUN_FOLDER_IN_USE, MSB_LOG_DAMAGED, MSB_DISK_FULL, MSB_STORAGE_FAILED */
  async openStream(spec: StreamSpec, retention: Retention = KEEP_ALL): Promise<StreamLog> {
    const folders = this.#partitionFolders(spec.topic)
    if (folders.length > spec.partitions) {
      throw new MysimbdpError(
        'MSB_RUN_FOLDER_IN_USE',
        `the log of '${spec.topic}' has ${folders.length} partitions, and is opened with ${spec.partitions}`,
      )
    }
    const share = (bytes: number | null): number | null => (bytes === null ? null : bytes / spec.partitions)
    const limits = { timeMs: retention.timeMs, bytes: share(retention.bytes), bytesMax: share(this.#logBytesMax) }
    const log = new LocalStreamLog(spec, (partition) => this.#partitionFolder(spec.topic, partition), {
      ...this.#options,
      limits,
    })
    this.#opened.add(log)
    return log
  }

  /**
   * Opens a stream to look at it, also while another process writes it.
   * @throws MSB_DATA_FOLDER_NOT_FOUND, MSB_LOG_DAMAGED, MSB_STORAGE_FAILED
   */
  async openReadOnly(topic: string): Promise<LocalStreamReader> {
    const folders = this.#partitionFolders(topic)
    if (folders.length === 0)
      throw new MysimbdpError('MSB_DATA_FOLDER_NOT_FOUND', `there is no log of '${topic}' in ${this.#folder}`)
    return new LocalStreamReader(folders)
  }

  /** Topics that have a log here. */
  topics(): readonly string[] {
    return existsSync(this.#folder)
      ? readdirSync(this.#folder)
          .filter((topic) => this.#partitionFolders(topic).length > 0)
          .sort()
      : []
  }

  async close(): Promise<void> {
    for (const log of this.#opened) await log.close()
    this.#opened.clear()
  }

  #partitionFolder(topic: string, partition: number): string {
    return join(this.#folder, topic, `partition-${partition}`)
  }

  /** Those that exist, in order; none for a file that somebody left among the topics. */
  #partitionFolders(topic: string): string[] {
    const folder = join(this.#folder, topic)
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return []
    const numbers = readdirSync(folder)
      .flatMap((name) => PARTITION_FOLDER.exec(name)?.[1] ?? [])
      .map(Number)
    return numbers.sort((a, b) => a - b).map((partition) => this.#partitionFolder(topic, partition))
  }
}

class LocalStreamLog implements StreamLog {
  readonly spec: StreamSpec
  readonly #partitions: PartitionLog[] = []

  constructor(spec: StreamSpec, folderOf: (partition: number) => string, options: PartitionOptions) {
    this.spec = spec
    try {
      for (let partition = 0; partition < spec.partitions; partition++)
        this.#partitions.push(new PartitionLog(folderOf(partition), spec, partition, options))
    } catch (error) {
      this.#close()
      throw error
    }
  }

  async openProducer(producerId: string): Promise<ProducerSession> {
    // A crash between partitions leaves different epochs: the greatest one counts.
    const epoch = Math.max(...this.#partitions.map((partition) => partition.producer(producerId)?.epoch ?? 0)) + 1
    return {
      producerId,
      epoch,
      nextSequences: this.#partitions.map((partition) => partition.openProducer(producerId, epoch)),
    }
  }

  async knownProducer(producerId: string): Promise<ProducerSession | undefined> {
    const states = this.#partitions.map((partition) => partition.producer(producerId))
    const epoch = Math.max(...states.map((state) => state?.epoch ?? 0))
    return epoch === 0
      ? undefined
      : { producerId, epoch, nextSequences: states.map((state) => state?.nextSequence ?? 0) }
  }

  async append(request: AppendRequest): Promise<AppendResult> {
    return this.#partition(request.partition ?? 0).append(request)
  }

  async appendAll(requests: readonly AppendRequest[]): Promise<readonly AppendOutcome[]> {
    const [first] = requests
    if (first === undefined) return []
    invariant(
      requests.every(({ partition }) => partition === first.partition),
      'requests that are appended together are of one partition',
    )
    return this.#partition(first.partition ?? 0).appendAll(requests)
  }

  async applyRetention(nowMs: number, neededFrom: ReadonlyMap<number, number>): Promise<void> {
    for (const [partition, log] of this.#partitions.entries()) log.applyRetention(nowMs, neededFrom.get(partition) ?? 0)
  }

  async markIdle(partition: number, eventTimeMs: number): Promise<boolean> {
    return this.#partition(partition).markIdle(eventTimeMs)
  }

  async appendRepaired(records: RepairedRecords): Promise<ReplayResult> {
    return this.#partition(records.partition).appendRepaired(records)
  }

  async placeRepaired(records: RepairedRecords): Promise<ReplayResult> {
    return this.#partition(records.partition).placeRepaired(records)
  }

  async read(partition: number, fromOffset: number, maxRecords: number): Promise<readonly LoggedBatch[]> {
    const log = this.#partition(partition)
    return log.reader.read(fromOffset, maxRecords, () => log.end)
  }

  async bounds(partition: number): Promise<PartitionBounds> {
    return this.#partition(partition).bounds()
  }

  async size(partition: number): Promise<LogSize> {
    return this.#partition(partition).reader.size()
  }

  async deadLetters(
    partition: number,
    query: { readonly fromOffset?: number; readonly limit?: number } = {},
  ): Promise<readonly DeadLetter[]> {
    return this.#partition(partition).reader.deadLetters(query.fromOffset ?? 0, query.limit ?? Infinity)
  }

  async deadLetterCounts(partition: number): Promise<readonly DeadLetterCount[]> {
    return this.#partition(partition).reader.deadLetterCounts()
  }

  async close(): Promise<void> {
    this.#close()
  }

  #close(): void {
    for (const partition of this.#partitions) partition.close()
  }

  #partition(partition: number): PartitionLog {
    const log = this.#partitions[partition]
    invariant(log !== undefined, `'${this.spec.topic}' has a partition ${partition}`)
    return log
  }
}
