import type { Broker, DeadLetterCount, StreamLog, StreamSpec } from '#dataplane/brokers/broker.ts'
import type { Job, JobSpec, Lateness } from '#dataplane/engines/engine.ts'
import type { Source } from '#dataplane/sources/source.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { faultPoint } from '#foundation/faults/fault-points.ts'
import { keepNewSpaceSmall } from '#foundation/threads/new-space.ts'
import type { Clock } from '#foundation/time/clock.ts'
import { type AppPlan, streamsOf } from '#language/plan/plan.ts'
import type { App } from '#language/query/app.ts'
import type { Retention } from '#language/query/stream.ts'
import { decodeSource, decodingThreads } from './decode-source.ts'
import { runDirectly } from './direct-run.ts'
import { FollowedLog } from './followed-log.ts'
import { Ingest, type InputReport, NOTHING_READ } from './ingest.ts'
import { type Platform, topicOf } from './platform.ts'
import { planHash, RunFolder, type RunIdentity } from './run-folder.ts'
import { requireSameInputs } from './same-inputs.ts'
import { requireWholeLogs } from './whole-logs.ts'

export interface BoundedRunSpec {
  readonly app: App
  /** The sources of each stream, read in this order as one partition. A stream without is empty. */
  readonly inputs: ReadonlyMap<string, readonly Source[]>
  readonly lateness: Exclude<Lateness, 'watermark'>
  /** Holds log and state; a run that was interrupted goes on where it stopped. */
  readonly folder: string
  /** Whether the folder stays, so that the run may go on or be looked at later. */
  readonly kept: boolean
  readonly platform: Platform
  readonly clock: Clock
  /** How many threads work; as many as there are processors by default. */
  readonly workingThreads?: number
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

/** Reads bounded input through log and queries to its end, and closes all windows (semantics 2.8). */
export async function runBounded(spec: BoundedRunSpec): Promise<RunReport> {
  keepNewSpaceSmall()
  return spec.kept ? runWithLog(spec) : runDirectly(spec)
}

async function runWithLog(spec: BoundedRunSpec): Promise<RunReport> {
  const identity = identityOf(spec)
  const folder = new RunFolder(spec.folder)
  const { finished, inputs: found } = folder.begin(identity, spec.platform.holdsData(spec.folder))
  const broker = spec.platform.openBroker(spec.folder)
  try {
    const logs = await openLogs(spec.app.plan, broker)
    if (finished !== null) await requireWholeLogs(finished, logs)
    if (found === 'to be compared') {
      await requireSameInputs(spec, folder, { logs, finished })
      folder.restamp(identity)
    }
    const inputs = finished ?? (await ingestAndProcess(spec, logs))
    if (finished === null) folder.finish(identity, inputs)
    faultPoint('run.finished')
    return { inputs, rejections: await rejectionsOf(logs) }
  } finally {
    await broker.close()
  }
}

/** Of the inputs only what tells them cheaply: they are read once, by the run. */
function identityOf({ app, inputs, lateness, clock }: BoundedRunSpec): RunIdentity {
  const nowMs = clock.nowMs()
  const stamps = Array.from(inputs, ([stream, sources]) => [stream, sources.map((source) => source.stamp(nowMs))])
  return { app: app.plan.name, plan: planHash(app.plan), lateness, inputs: Object.fromEntries(stamps) }
}

/** @param retentionOf of each stream; a bounded run keeps all */
export async function openLogs(
  plan: AppPlan,
  broker: Broker,
  retentionOf: (stream: string) => Retention | undefined = () => undefined,
): Promise<ReadonlyMap<string, StreamLog>> {
  const logs = new Map<string, StreamLog>()
  for (const spec of streamSpecs(plan, broker.partitions))
    logs.set(spec.stream, await broker.openStream(spec, retentionOf(spec.stream)))
  return logs
}

/** The logs an app needs. */
export const streamSpecs = (plan: AppPlan, partitions: number): readonly (StreamSpec & { readonly stream: string })[] =>
  [...streamsOf(plan)].map(([stream, { schema, eventTime }]) => ({
    stream,
    topic: topicOf(plan, stream),
    schema,
    eventTime,
    partitions,
  }))

async function ingestAndProcess(
  spec: BoundedRunSpec,
  logs: ReadonlyMap<string, StreamLog>,
): Promise<Readonly<Record<string, InputReport>>> {
  const followed = new Map([...logs].map(([stream, log]) => [stream, new FollowedLog(log)]))
  const job = await spec.platform
    .openEngine(spec.folder)
    .openJob({ plan: spec.app.plan, streams: followed, lateness: spec.lateness, ...memoryOf(spec) })
  try {
    const reports: Record<string, InputReport> = {}
    for (const [stream, log] of followed) reports[stream] = await ingestStream(spec, stream, log, job)
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

async function ingestStream(spec: BoundedRunSpec, stream: string, log: FollowedLog, job: Job): Promise<InputReport> {
  const { app, platform, clock } = spec
  const sources = spec.inputs.get(stream) ?? []
  if (sources.length === 0) return NOTHING_READ
  const { badRecords } = streamsOf(app.plan).get(stream)!
  const ingest = await Ingest.open({ stream, log, badRecords, arrivalMs: () => clock.nowMs() })
  const threads = decodingThreads(spec.workingThreads, 'works as they do')
  for (const source of sources) {
    const batches = decodeSource(source, { app, stream, platform, threads })
    try {
      for await (const _appended of ingest.read(batches)) {
        while (await job.step());
        spec.onProgress?.({ stream, source, records: ingest.report.read, rejected: ingest.report.rejected })
      }
    } catch (error) {
      throw error instanceof MysimbdpError ? error.at({ input: source.name }) : error
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
