import type { Broker, DeadLetterCount, StreamLog } from '#dataplane/brokers/broker.ts'
import type { Job, JobSpec, Lateness } from '#dataplane/engines/engine.ts'
import type { Source } from '#dataplane/sources/source.ts'
import { faultPoint } from '#foundation/faults/fault-points.ts'
import type { Clock } from '#foundation/time/clock.ts'
import { type AppPlan, streamsOf } from '#language/plan/plan.ts'
import type { App } from '#language/query/app.ts'
import type { Retention } from '#language/query/stream.ts'
import { runDirectly } from './direct-run.ts'
import { Ingest, type InputReport, NOTHING_READ } from './ingest.ts'
import { type Platform, topicOf } from './platform.ts'
import { planHash, RunFolder, type RunIdentity } from './run-folder.ts'
import { requireWholeLogs } from './whole-logs.ts'

export interface BoundedRunSpec {
  readonly app: App
  /** The sources of each stream, read in this order as one partition. A stream without is empty. */
  readonly inputs: ReadonlyMap<string, readonly Source[]>
  readonly lateness: Exclude<Lateness, 'watermark'>
  /** Holds log and state; a run that was interrupted goes on where it stopped. */
  readonly folder: string
  /** Whether the folder stays, so that the run may go on or be looked at later; its inputs are then identified, which reads them once more. */
  readonly kept: boolean
  readonly platform: Platform
  readonly clock: Clock
  /** Of a run that is not kept: how many threads decode; as many as there are processors by default. */
  readonly decodingThreads?: number
  /** Memory for open groups; as `JobSpec` has it. */
  readonly stateMemoryBytes?: number
  onProgress?(progress: RunProgress): void
}

export interface RunProgress {
  readonly stream: string
  readonly source: Source
  readonly records: number
  readonly rejected: number
}

export interface RunReport {
  readonly inputs: Readonly<Record<string, InputReport>>
  readonly rejections: Readonly<Record<string, readonly DeadLetterCount[]>>
}

/** Batches between two steps of the job: enough that a commit is worth its while, few enough that state follows the log. */
const BATCHES_PER_STEP = 8

/** Reads bounded input through log and queries to its end, and closes all windows (semantics 2.8). */
export async function runBounded(spec: BoundedRunSpec): Promise<RunReport> {
  return spec.kept ? runWithLog(spec) : runDirectly(spec)
}

async function runWithLog(spec: BoundedRunSpec): Promise<RunReport> {
  const identity = await identityOf(spec)
  const folder = new RunFolder(spec.folder)
  const finished = folder.begin(identity, spec.platform.holdsData(spec.folder))
  const broker = spec.platform.openBroker(spec.folder)
  try {
    const logs = await openLogs(spec.app.plan, broker)
    if (finished !== null) await requireWholeLogs(finished, logs)
    const inputs = finished ?? (await ingestAndProcess(spec, logs))
    if (finished === null) folder.finish(identity, inputs)
    faultPoint('run.finished')
    return { inputs, rejections: await rejectionsOf(logs) }
  } finally {
    await broker.close()
  }
}

async function identityOf({ app, inputs, lateness, kept }: BoundedRunSpec): Promise<RunIdentity> {
  const identities: Record<string, string[]> = {}
  for (const [stream, sources] of kept ? inputs : []) {
    identities[stream] = []
    for (const source of sources) identities[stream].push(await source.identity())
  }
  return { app: app.plan.name, plan: planHash(app.plan), lateness, inputs: identities }
}

/** @param retentionOf of each stream; a bounded run keeps all */
export async function openLogs(
  plan: AppPlan,
  broker: Broker,
  retentionOf: (stream: string) => Retention | undefined = () => undefined,
): Promise<ReadonlyMap<string, StreamLog>> {
  const logs = new Map<string, StreamLog>()
  for (const [stream, { schema, eventTime }] of streamsOf(plan)) {
    const spec = { topic: topicOf(plan, stream), schema, eventTime, partitions: 1 }
    logs.set(stream, await broker.openStream(spec, retentionOf(stream)))
  }
  return logs
}

async function ingestAndProcess(
  spec: BoundedRunSpec,
  logs: ReadonlyMap<string, StreamLog>,
): Promise<Readonly<Record<string, InputReport>>> {
  const job = await spec.platform
    .openEngine(spec.folder)
    .openJob({ plan: spec.app.plan, streams: logs, lateness: spec.lateness, ...memoryOf(spec) })
  try {
    const reports: Record<string, InputReport> = {}
    for (const [stream, log] of logs) reports[stream] = await ingestStream(spec, stream, log, job)
    while (await job.step());
    await job.finish()
    return reports
  } finally {
    await job.close()
  }
}

/** What a run says of memory, for the spec of its job. */
export const memoryOf = ({ stateMemoryBytes }: BoundedRunSpec): Pick<JobSpec, 'stateMemoryBytes'> =>
  stateMemoryBytes === undefined ? {} : { stateMemoryBytes }

async function ingestStream(spec: BoundedRunSpec, stream: string, log: StreamLog, job: Job): Promise<InputReport> {
  const sources = spec.inputs.get(stream) ?? []
  if (sources.length === 0) return NOTHING_READ
  const { badRecords } = streamsOf(spec.app.plan).get(stream)!
  const ingest = await Ingest.open({ stream, log, badRecords, arrivalMs: () => spec.clock.nowMs() })
  let batches = 0
  for (const source of sources) {
    const decoder = spec.platform.createDecoder(spec.app, stream, source.format, { futureRecords: 'unwatched' })
    for await (const _batch of ingest.read(source, decoder)) {
      if (++batches % BATCHES_PER_STEP === 0) while (await job.step());
      spec.onProgress?.({ stream, source, records: ingest.report.read, rejected: ingest.report.rejected })
    }
  }
  return ingest.report
}

async function rejectionsOf(
  logs: ReadonlyMap<string, StreamLog>,
): Promise<Readonly<Record<string, readonly DeadLetterCount[]>>> {
  const rejections: Record<string, readonly DeadLetterCount[]> = {}
  for (const [stream, log] of logs) rejections[stream] = await log.deadLetterCounts(0)
  return rejections
}
