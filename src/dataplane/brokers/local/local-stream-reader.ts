import { invariant } from '#foundation/errors/mysimbdp-error.ts'
import type { LoggedBatch } from '../../records/record-batch.ts'
import type { DeadLetter, DeadLetterCount, LogSize, PartitionBounds, StreamReader, StreamSpec } from '../broker.ts'
import { logDamaged } from './log-damage.ts'
import { PartitionReader } from './partition-reader.ts'
import type { Segment } from './segment.ts'
import { SegmentList } from './segment-list.ts'

/** A stream as another process sees it: what is committed at the time of each call. Takes no lock and writes nothing. */
export class LocalStreamReader implements StreamReader {
  readonly spec: StreamSpec
  readonly #partitions: readonly SegmentList[]
  readonly #readers: readonly PartitionReader[]

  /** @param folders those of the partitions, in order */
  constructor(folders: readonly string[]) {
    this.#partitions = folders.map((folder) => new SegmentList(folder))
    this.#readers = this.#partitions.map((segments) => new PartitionReader(segments))
    try {
      const { topic, schema, eventTime } = this.#partitions[0]!.reading(() => this.#first(0).meta)
      this.spec = { topic, schema, eventTime, partitions: folders.length }
    } catch (error) {
      this.#close()
      throw error
    }
  }

  async read(partition: number, fromOffset: number, maxRecords: number): Promise<readonly LoggedBatch[]> {
    const { reader, end } = this.#now(partition)
    return reader.read(fromOffset, maxRecords, end)
  }

  async bounds(partition: number): Promise<PartitionBounds> {
    const { reader, tail } = this.#now(partition)
    return this.#partitions[partition]!.reading(() => {
      const last = tail()
      const { offset, ...end } = last.end()
      return {
        start: reader.start,
        end: offset,
        maxEventTimeBeforeStart: this.#first(partition).maxEventTimeBefore,
        ...end,
        generations: last.generations.all(),
        revision: last.revision.get().number,
      }
    })
  }

  async size(partition: number): Promise<LogSize> {
    return this.#now(partition).reader.size()
  }

  async deadLetters(
    partition: number,
    query: { readonly fromOffset?: number; readonly limit?: number } = {},
  ): Promise<readonly DeadLetter[]> {
    return this.#now(partition).reader.deadLetters(query.fromOffset ?? 0, query.limit ?? Infinity)
  }

  async deadLetterCounts(partition: number): Promise<readonly DeadLetterCount[]> {
    return this.#now(partition).reader.deadLetterCounts()
  }

  async close(): Promise<void> {
    this.#close()
  }

  #close(): void {
    for (const segments of this.#partitions) segments.close()
  }

  #first(partition: number): Segment {
    const segments = this.#partitions[partition]
    if (segments.last === undefined) throw logDamaged(segments.folder, 0, 'the partition has no segment')
    return segments.at(0)
  }

  #now(partition: number): { reader: PartitionReader; tail: () => Segment; end: () => number } {
    const segments = this.#partitions[partition]
    invariant(segments !== undefined, `'${this.spec.topic}' has a partition ${partition}`)
    segments.refresh()
    const tail = () => segments.at(segments.firstOffsets.length - 1)
    return { reader: this.#readers[partition]!, tail, end: () => tail().endOffset }
  }
}
