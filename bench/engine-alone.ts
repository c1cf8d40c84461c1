import { parseArgs } from 'node:util'
import { createJsonDecoder } from '#dataplane/decoding/decoder.ts'
import { compileQuery } from '#dataplane/engines/embedded/compile/compile-query.ts'
import type { Operator } from '#dataplane/engines/embedded/operators/operator.ts'
import { BatchSharing } from '#dataplane/engines/embedded/sharing/batch-sharing.ts'
import { gatherRows } from '#dataplane/records/gather-column.ts'
import type { LoggedBatch, RecordBatch } from '#dataplane/records/record-batch.ts'
import { type QueryPlan, streamsOf } from '#language/plan/plan.ts'
import taxi from '../examples/chicago-taxi/app.ts'
import { embeddedPlatform } from '../src/wiring.ts'
import { queriesOf, workloadNames } from './workload/engine-queries.ts'

/**
 * The queries alone: batches are decoded once, then the operators take them over and over, each pass later in event time. Prints a JSON line
 * with CPU microseconds per record, of the median pass and of the least disturbed one; `changesShare` of it is `takeChanges`, once every eight
 * batches, as a job commits.
 *
 * node bench/engine-alone.ts <file.ndjson> [--workload four|twenty|…] [--passes 10] [--keys <distinct int keys>] [--ordered]
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    workload: { type: 'string', default: 'four' },
    passes: { type: 'string', default: '10' },
    keys: { type: 'string' },
    ordered: { type: 'boolean', default: false },
  },
})
const STREAM = 'ingestData'
const BATCH_RECORDS = 4096
const BATCHES_PER_COMMIT = 8
const WARM_UP_PASSES = 2
const KEY_FIELD = 'pickup_community_area'

const node = streamsOf(taxi.plan).get(STREAM)!
const delayMs = node.watermarkDelayMs!

async function decodedBatches(path: string): Promise<readonly RecordBatch[]> {
  const decoder = createJsonDecoder(node)
  const batches: RecordBatch[] = []
  const take = (least: number): void => {
    while (decoder.pending > least) {
      const { batch } = decoder.take(BATCH_RECORDS, { arrivalMs: 0, maxFutureSkewMs: null })!
      batches.push(
        gatherRows(
          batch,
          Uint32Array.from({ length: batch.rows }, (_, row) => row),
        ),
      )
    }
  }
  for await (const chunk of (await embeddedPlatform.openFile(path)).chunks()) {
    decoder.write(chunk)
    take(BATCH_RECORDS)
  }
  decoder.end()
  take(0)
  return batches
}

/** Spreads the int key over `keys` values, so that state has that many groups. */
function spreadKeys(batches: readonly RecordBatch[], keys: number): void {
  const index = node.schema.fields.findIndex(({ name }) => name === KEY_FIELD)
  let record = 0
  for (const { columns } of batches) {
    const column = columns[index]!
    if (column.layout !== 'int32') throw new TypeError(`${KEY_FIELD} is no int`)
    column.nulls?.fill(0)
    for (let row = 0; row < column.values.length; row++) column.values[row] = (record++ * 7919) % keys
  }
}

/** Gives the records their event times in order, so that none is late. */
function orderTimes(batches: readonly RecordBatch[]): void {
  const times = Float64Array.from(batches.flatMap(({ eventTimes }) => [...eventTimes])).sort()
  let record = 0
  for (const { eventTimes } of batches) {
    eventTimes.set(times.subarray(record, record + eventTimes.length))
    record += eventTimes.length
  }
}

function shiftTimes(batches: readonly RecordBatch[], byMs: number): void {
  const index = node.schema.fields.findIndex(({ name }) => name === node.eventTime)
  for (const { columns, eventTimes } of batches) {
    const column = columns[index]!
    for (let row = 0; row < eventTimes.length; row++) eventTimes[row]! += byMs
    if (column.layout === 'float64') column.values.set(eventTimes)
  }
}

function logged(batch: RecordBatch, baseOffset: number, maxEventTimeBefore: number): LoggedBatch {
  let [minEventTime, maxEventTime] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const eventTime of batch.eventTimes) {
    minEventTime = Math.min(minEventTime, eventTime)
    maxEventTime = Math.max(maxEventTime, eventTime)
  }
  const received = batch.rows
  const endOffset = baseOffset + received
  return {
    partition: 0,
    baseOffset,
    endOffset,
    received,
    arrivalMs: 0,
    maxEventTimeBefore,
    minEventTime,
    maxEventTime,
    batch,
  }
}

const cpuMicroseconds = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}

class Measurement {
  readonly #operators: readonly Operator[]
  readonly #lateness: readonly number[]
  #offset = 0
  #greatest = Number.NEGATIVE_INFINITY
  passMicroseconds: number[] = []
  milliseconds = 0
  changesMilliseconds = 0
  rows = 0
  late = 0

  constructor(queries: readonly QueryPlan[]) {
    this.#operators = compiled(queries)
    this.#lateness = queries.map(({ output: { mode, keepMs } }) =>
      mode === 'complete' ? delayMs + (keepMs ?? Number.POSITIVE_INFINITY) : delayMs,
    )
  }

  pass(batches: readonly RecordBatch[]): void {
    const placed = batches.map((batch) => {
      const next = logged(batch, this.#offset, this.#greatest)
      this.#offset += batch.rows
      this.#greatest = Math.max(this.#greatest, next.maxEventTime)
      return next
    })
    const [begun, begunMs] = [cpuMicroseconds(), performance.now()]
    for (let first = 0; first < placed.length; first += BATCHES_PER_COMMIT)
      this.#commit(placed.slice(first, first + BATCHES_PER_COMMIT))
    this.passMicroseconds.push(cpuMicroseconds() - begun)
    this.milliseconds += performance.now() - begunMs
  }

  #commit(batches: readonly LoggedBatch[]): void {
    for (const batch of batches)
      for (const [i, operator] of this.#operators.entries()) operator.process(batch, this.#lateness[i]!)
    const processedMs = performance.now()
    const last = batches.at(-1)!
    for (const operator of this.#operators) {
      const { rows, late, takeState } = operator.takeChanges(
        Math.max(last.maxEventTimeBefore, last.maxEventTime) - delayMs,
      )
      for (const _row of rows) this.rows++
      this.late += late.length
      takeState({ stored: true })
    }
    this.changesMilliseconds += performance.now() - processedMs
  }
}

function compiled(queries: readonly QueryPlan[]): readonly Operator[] {
  const sharing = new BatchSharing()
  const options = { keepAllRows: true, boundMs: Number.NEGATIVE_INFINITY }
  return queries.map((query) => compileQuery(query, taxi.plan.timeZone, options, sharing))
}

const queries = queriesOf(values.workload)
if (queries === undefined) throw new TypeError(`--workload is one of ${workloadNames().join(', ')}`)
const batches = await decodedBatches(positionals[0]!)
if (values.keys !== undefined) spreadKeys(batches, Number(values.keys))
if (values.ordered) orderTimes(batches)
const records = batches.reduce((sum, { rows }) => sum + rows, 0)
const times = batches.flatMap(({ eventTimes }) => [eventTimes[0]!, eventTimes.at(-1)!])
const spanMs = 1000 * Math.ceil((Math.max(...times) - Math.min(...times)) / 1000)
const measurement = new Measurement(queries)
const passes = Number(values.passes)
for (let pass = 0; pass < WARM_UP_PASSES + passes; pass++) {
  if (pass === WARM_UP_PASSES)
    Object.assign(measurement, { passMicroseconds: [], milliseconds: 0, changesMilliseconds: 0, rows: 0, late: 0 })
  measurement.pass(batches)
  shiftTimes(batches, spanMs)
}
const byTime = measurement.passMicroseconds.toSorted((a, b) => a - b)
const perRecord = (microseconds: number): number => Number((microseconds / records).toFixed(4))
console.log(
  JSON.stringify({
    workload: values.workload,
    records: records * passes,
    rows: measurement.rows,
    late: measurement.late,
    medianMicroseconds: perRecord(byTime[Math.floor(passes / 2)]!),
    leastMicroseconds: perRecord(byTime[0]!),
    changesShare: Number((measurement.changesMilliseconds / measurement.milliseconds).toFixed(2)),
    rssMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
  }),
)
