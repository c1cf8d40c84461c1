import type { StreamLog } from '#dataplane/brokers/broker.ts'
import type { DecodedBatch } from '#dataplane/records/record-batch.ts'
import type { BoundedRunSpec } from './bounded-run.ts'
import { decodeSource, decodingThreads } from './decode-source.ts'
import { producerOf } from './ingest.ts'
import { decodedRecords, loggedRecords, type ReceivedRecords } from './received-records.ts'
import type { RunFolder, RunInputs } from './run-folder.ts'

interface Logged {
  readonly logs: ReadonlyMap<string, StreamLog>
  /** What was read, of a run that is finished: then the inputs must not hold more either. */
  readonly finished: RunInputs | null
}

/**
 * Inputs whose stamps say nothing, such as files that were copied or touched, are compared with what the log received of them, record by record. That costs a
 * reading of both, and only then.
 * @throws MSB_RUN_FOLDER_IN_USE with the first record that differs
 */
export async function requireSameInputs(
  spec: BoundedRunSpec,
  folder: RunFolder,
  { logs, finished }: Logged,
): Promise<void> {
  for (const [stream, log] of logs) {
    const received = (await log.knownProducer(producerOf(stream)))?.nextSequences[0] ?? 0
    const given = new RecordCursor(decodedRecords(decodeInputs(spec, stream)))
    try {
      const same = await countEqual(given, new RecordCursor(loggedRecords(log)), received)
      const hasMore = finished !== null && (await given.ready()) > 0
      if (same < received || hasMore) throw otherInputs(folder, stream, same)
    } finally {
      await given.close()
    }
  }
}

const otherInputs = (folder: RunFolder, stream: string, same: number) =>
  folder.holdsAnother(
    `its inputs were other ones, beginning with record ${(same + 1).toLocaleString('en-US')} of '${stream}'`,
  )

async function* decodeInputs(spec: BoundedRunSpec, stream: string): AsyncGenerator<DecodedBatch, void> {
  const { app, platform, inputs, workingThreads } = spec
  const threads = decodingThreads(workingThreads, 'works as they do')
  for (const source of inputs.get(stream) ?? []) yield* decodeSource(source, { app, stream, platform, threads })
}

/** How many records are equal from the beginning on, at most `wanted`. */
async function countEqual(one: RecordCursor, other: RecordCursor, wanted: number): Promise<number> {
  let same = 0
  while (same < wanted) {
    const ready = Math.min(await one.ready(), await other.ready(), wanted - same)
    if (ready === 0) return same
    for (let i = 0; i < ready; i++, same++) if (!one.takeEqual(other)) return same
  }
  return same
}

/** Goes through received records one by one. */
class RecordCursor {
  readonly #batches: AsyncGenerator<ReceivedRecords, void>
  #batch: ReceivedRecords = { records: [], columns: [] }
  #next = 0

  constructor(batches: AsyncGenerator<ReceivedRecords, void>) {
    this.#batches = batches
  }

  /** How many can be taken without waiting; 0 at the end. */
  async ready(): Promise<number> {
    while (this.#next === this.#batch.records.length) {
      const { value, done } = await this.#batches.next()
      if (done === true) return 0
      this.#batch = value
      this.#next = 0
    }
    return this.#batch.records.length - this.#next
  }

  /** Takes one of each; answers whether they are equal. */
  takeEqual(other: RecordCursor): boolean {
    const [mine, its] = [this.#take(), other.#take()]
    if (typeof mine !== 'number' || typeof its !== 'number')
      return typeof mine !== 'number' && typeof its !== 'number' && Buffer.compare(mine, its) === 0
    const otherColumns = other.#batch.columns
    return this.#batch.columns.every((read, column) => Object.is(read(mine), otherColumns[column]!(its)))
  }

  #take(): number | Uint8Array {
    return this.#batch.records[this.#next++]!
  }

  async close(): Promise<void> {
    await this.#batches.return()
  }
}
