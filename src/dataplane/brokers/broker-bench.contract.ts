import assert from 'node:assert/strict'
import { copyBatch } from '../records/copy-batch.ts'
import type { LoggedBatch } from '../records/record-batch.ts'
import type { Broker, StreamLog } from './broker.ts'
import { recordsOf, SyntheticDecoder, type SyntheticRecord, syntheticStream } from './synthetic-records.contract.ts'

/** Storage that outlives a broker: each `open` gives a new broker over what the ones before it, now closed, have written. */
export interface BrokerStorage {
  /** Whether something else may lie between two records that were appended one after the other: offsets then only ascend. */
  readonly offsetsHaveGaps?: boolean
  open(): Broker
  dispose(): Promise<void>
}

/** What a test works with; `reopen` closes the broker and opens another one over the same storage. */
export interface Bench {
  log: StreamLog
  readonly decoder: SyntheticDecoder
  append(records: readonly SyntheticRecord[], partition?: number): ReturnType<StreamLog['append']>
  /** What was read is these records, as `expectedAt` gives them. */
  holds(read: readonly LoggedBatch[], expected: ReturnType<typeof recordsOf>): void
  reopen(): Promise<void>
}

export const ARRIVAL_MS = 1_713_000_000_000

export async function openBench(
  storage: BrokerStorage,
  partitions: number,
): Promise<Bench & { close(): Promise<void> }> {
  const decoder = new SyntheticDecoder()
  let broker = storage.open()
  const bench = {
    log: await broker.openStream(syntheticStream(partitions)),
    decoder,
    append: (records: readonly SyntheticRecord[], partition = 0) =>
      bench.log.append({ partition, decoded: decoder.decode(records), arrivalMs: ARRIVAL_MS }),
    holds: (read: readonly LoggedBatch[], expected: ReturnType<typeof recordsOf>) => {
      const found = recordsOf(read)
      if (storage.offsetsHaveGaps !== true) return assert.deepEqual(found, expected)
      const offsets = found.map(({ offset }) => offset)
      assert.deepEqual(
        offsets,
        [...new Set(offsets)].sort((a, b) => a - b),
        'offsets ascend',
      )
      assert.deepEqual(found.map(withoutOffset), expected.map(withoutOffset))
    },
    close: () => broker.close(),
    async reopen() {
      await broker.close()
      broker = storage.open()
      bench.log = await broker.openStream(syntheticStream(partitions))
    },
  }
  return bench
}

const withoutOffset = ({ offset: _, ...record }: ReturnType<typeof recordsOf>[number]) => record

export async function readAll(log: StreamLog, partition = 0, fromOffset = 0): Promise<LoggedBatch[]> {
  const batches: LoggedBatch[] = []
  for (let next = fromOffset; ; ) {
    const read = await log.read(partition, next, 100)
    if (read.length === 0) return batches
    batches.push(...read.map((logged) => ({ ...logged, batch: copyBatch(logged.batch) })))
    next = read.at(-1)!.endOffset
  }
}

/** Registers a test over a log that was just created. */
export type WithLog = (title: string, run: (bench: Bench) => Promise<void>, partitions?: number) => void
