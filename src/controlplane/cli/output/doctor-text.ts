import { byteText } from '#foundation/size/byte-size.ts'
import type { Examination } from '#services/doctor/examination.ts'
import type { FolderExaminations } from '#services/doctor/examine-folder.ts'
import type { HealthDocument } from '../../api/routes/health.ts'
import type { PlatformDocument } from '../../api/routes/platform.ts'
import type { Terminal } from '../terminal.ts'
import { count, plural } from './progress-line.ts'
import { visibleText } from './visible-text.ts'

type Findings = HealthDocument['findings']
type AppDocument = PlatformDocument['apps'][number]

/** How a running platform is, in words: what is wrong first, app by app, with what to do. */
export function platformText(
  url: string,
  health: HealthDocument,
  platform: PlatformDocument,
  terminal: Terminal,
): string {
  const { dataFolder, disk } = platform
  const lines = [
    `${terminal.style('bold', 'platform')} ${url}: ${statusText(health.status, terminal)}`,
    ...findingLines(health.findings, terminal),
    `  mysimbdp ${platform.version}, Node ${platform.node}`,
    `  data in '${visibleText(dataFolder)}': ${byteText(disk.freeBytes)} of ${byteText(disk.totalBytes)} free, reserve ${byteText(disk.reserveBytes)}`,
    ...(platform.apps.length === 0 ? ['  no app is deployed; `mysimbdp deploy <app>` does that'] : []),
    ...platform.apps.flatMap((app) => {
      const ofApp = health.apps.find((one) => one.app === app.app)
      return ['', ...appLines(app, ofApp ?? { status: 'ok', findings: [] }, terminal)]
    }),
  ]
  return `${lines.join('\n')}\n`
}

function appLines(
  { app, job, ingest, streams, queries }: AppDocument,
  { status, findings }: Pick<HealthDocument, 'status' | 'findings'>,
  terminal: Terminal,
): readonly string[] {
  const { median, p99 } = job.latencySeconds
  const latency =
    median === null || p99 === null ? '' : `; from arrival to result ${secondsText(median)} (99 %: ${secondsText(p99)})`
  return [
    `${terminal.style('bold', 'app')} ${app}: ${statusText(status, terminal)}`,
    ...findingLines(findings, terminal),
    `  job ${job.state}, ingest ${ingest.state}${latency}; state ${byteText(job.stateBytes)}`,
    ...streams.map(
      ({ stream, records, logBytes, lastArrival, lastMinute }) =>
        `  stream ${stream}: ${plural(records ?? 0, 'record', 'records')}, log ${byteText(logBytes)}; ${count(lastMinute.received ?? 0)} in the last minute; ` +
        (lastArrival === null ? 'none has arrived yet' : `the last one arrived ${lastArrival}`),
    ),
    ...queries.map(
      ({ query, unread, late }) =>
        `  query ${query}: ${unread === null ? 'lag not known' : `${count(unread)} unread`}, ${count(late)} late`,
    ),
  ]
}

const findingLines = (findings: Findings, terminal: Terminal): readonly string[] =>
  findings.flatMap(({ sentence, action, since, severity }) => [
    `  ${terminal.style(severity === 'failed' ? 'red' : 'yellow', '!')} ${visibleText(sentence)}`,
    `    since ${since}`,
    `    what to do: ${visibleText(action)}`,
  ])

const statusText = (status: HealthDocument['status'], terminal: Terminal): string =>
  status === 'ok'
    ? terminal.style('green', 'all is well')
    : terminal.style(status === 'failed' ? 'red' : 'yellow', status)

const secondsText = (seconds: number): string => (seconds < 1 ? `${seconds * 1000} ms or less` : `${seconds} s or less`)

/** How each server of a configuration was found. */
export const connectionsText = (
  sources: readonly string[],
  connections: readonly Examination[],
  terminal: Terminal,
): string =>
  `${terminal.style('bold', 'connections')}, configured by ${sources.join(', ')}\n${connections.map((one) => `${examinationLine(one, terminal)}\n`).join('')}\n`

/** What was examined in a folder on which no platform runs. */
export function examinationsText(
  { version, node }: { readonly version: string; readonly node: string },
  { examinations, apps }: FolderExaminations,
  terminal: Terminal,
): string {
  const lines = [
    `mysimbdp ${version}, Node ${node}`,
    ...examinations.map((one) => examinationLine(one, terminal)),
    ...apps.flatMap(({ app, examinations: ofApp }) => [
      '',
      `${terminal.style('bold', 'app')} ${app}`,
      ...ofApp.map((one) => examinationLine(one, terminal)),
    ]),
  ]
  return `${lines.join('\n')}\n`
}

function examinationLine({ what, isWell, found, action }: Examination, terminal: Terminal): string {
  const mark = isWell ? terminal.style('green', 'ok') : terminal.style('red', '! ')
  const todo = action === null ? '' : `\n     what to do: ${action}`
  return `  ${mark} ${what}: ${visibleText(found)}${todo}`
}
