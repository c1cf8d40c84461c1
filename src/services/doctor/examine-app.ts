import type { StreamReader } from '#dataplane/brokers/broker.ts'
import type { AppFolder, Deployment } from '../live/app-folder.ts'
import { type Platform, topicOf } from '../runs/platform.ts'
import { type Examination, examine } from './examination.ts'

/** Records read at once. */
const READ_RECORDS = 32_768

export interface AppExaminations {
  readonly app: string
  readonly examinations: readonly Examination[]
}

/** Examines an app's folder: what it says, each record of its logs, and whether its state belongs to them. */
export async function examineApp(folder: AppFolder, platform: Platform): Promise<AppExaminations> {
  let deployment: Deployment | undefined
  const document = await examine('what is deployed', () => {
    deployment = folder.read()
    const names = deployment.app.plan.queries.map(({ name }) => name)
    return `queries ${names.join(', ')}; the job is to be ${deployment.wanted}`
  })
  const app = folder.name
  if (deployment === undefined || !platform.holdsData(folder.path)) return { app, examinations: [document] }
  let logs: ReadonlyMap<string, StreamReader> = new Map()
  const opened = await examine('its logs', async () => {
    logs = await openLogs(folder, deployment!, platform)
    return [...logs.keys()].join(', ')
  })
  if (!opened.isWell) return { app, examinations: [document, opened] }
  try {
    return { app, examinations: [document, ...(await examineData(folder, deployment, logs, platform))] }
  } finally {
    for (const log of logs.values()) await log.close()
  }
}

/** State is not looked at where a log is damaged: it could not be compared with it. */
async function examineData(
  folder: AppFolder,
  deployment: Deployment,
  logs: ReadonlyMap<string, StreamReader>,
  platform: Platform,
): Promise<readonly Examination[]> {
  const examinations: Examination[] = []
  for (const [stream, log] of logs)
    examinations.push(await examine(`the log of stream '${stream}'`, () => wholeLog(log)))
  if (examinations.every(({ isWell }) => isWell))
    examinations.push(await examine('results and state', () => stateOf(folder, deployment, logs, platform)))
  return examinations
}

async function openLogs(
  folder: AppFolder,
  { app }: Deployment,
  platform: Platform,
): Promise<ReadonlyMap<string, StreamReader>> {
  const readers = await platform.openLogReaders(folder.path)
  const streams = Object.keys(app.streams).flatMap((stream) => {
    const reader = readers.find(({ spec }) => spec.topic === topicOf(app.plan, stream))
    return reader === undefined ? [] : [[stream, reader] as const]
  })
  return new Map(streams)
}

/** Reads all of it: what is read is checked against its sums. */
async function wholeLog(log: StreamReader): Promise<string> {
  let [records, rejected] = [0, 0]
  for (let partition = 0; partition < log.spec.partitions; partition++) {
    let { start: offset } = await log.bounds(partition)
    for (;;) {
      const batches = await log.read(partition, offset, READ_RECORDS)
      if (batches.length === 0) break
      const last = batches.at(-1)!
      records += last.baseOffset + last.received - offset
      offset = last.baseOffset + last.received
    }
    for (const { count } of await log.deadLetterCounts(partition)) rejected += count
  }
  return `all ${records.toLocaleString('en-US')} records can be read, ${rejected.toLocaleString('en-US')} of them rejected`
}

/** Opens the job as a platform would, which refuses what does not fit, and does not let it begin. */
async function stateOf(
  folder: AppFolder,
  { app, pending }: Deployment,
  streams: ReadonlyMap<string, StreamReader>,
  platform: Platform,
): Promise<string> {
  if (platform.storageUse(folder.path).stateBytes === 0) return 'there are none yet'
  const job = await platform
    .openEngine(folder.path)
    .openJob({ plan: app.plan, streams, lateness: 'watermark', ...pending })
  try {
    const read = job.status.queries.map(({ positions }) => positions.reduce((sum, { offset }) => sum + offset, 0))
    return `they belong to these logs; the query furthest behind has read ${Math.min(...read).toLocaleString('en-US')} records`
  } finally {
    await job.close()
  }
}
