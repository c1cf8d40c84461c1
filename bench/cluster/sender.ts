import { fileURLToPath } from 'node:url'
import { measureProcess, type ProcessMeasurement } from '../measuring/measured-process.ts'

/** What a program that sends records says at its end. Moments are ms of the machine's clock. */
export interface Sent {
  readonly records: number
  /** When the first record was sent, or due where a schedule says so. */
  readonly startedMs: number
  /** When all records were acknowledged. */
  readonly endedMs: number
}

export interface MeasuredSending extends Sent {
  readonly process: ProcessMeasurement
}

const program = (name: string): string => fileURLToPath(new URL(`jobs/${name}.ts`, import.meta.url))

async function send(name: string, args: readonly (string | number)[]): Promise<MeasuredSending> {
  const command = [process.execPath, program(name), ...args.map(String)] as const
  const measured = await measureProcess({ command, cores: Number.POSITIVE_INFINITY })
  return { ...(JSON.parse(measured.output) as Sent), process: measured }
}

interface FileToTopic {
  readonly bootstrapServer: string
  readonly topic: string
  readonly file: string
  readonly partitions: number
  /** As fast as the broker takes them when absent. */
  readonly recordsPerSecond?: number
}

/** Sends a file of records to a topic by a process of its own, past the platform. */
export const sendFile = ({ bootstrapServer, topic, file, partitions, recordsPerSecond }: FileToTopic) =>
  send('fill-topic', [
    ...[bootstrapServer, topic, file, partitions],
    ...(recordsPerSecond === undefined ? [] : [recordsPerSecond]),
  ])

const REQUESTS_PER_SECOND = 200

/** How a steady rate is cut: so many records at a time, that often. */
export function paceOf(recordsPerSecond: number): { readonly recordsInRequest: number; readonly everyMs: number } {
  const recordsInRequest = Math.max(1, Math.round(recordsPerSecond / REQUESTS_PER_SECOND))
  return { recordsInRequest, everyMs: (recordsInRequest * 1000) / recordsPerSecond }
}

interface PacedLoad {
  readonly bootstrapServer: string
  readonly topic: string
  readonly recordsPerSecond: number
  readonly seconds: number
}

/** Sends trips to a topic at a fixed schedule by a process of its own: request i, counted from 0, is due i times `paceOf(…).everyMs` after `startedMs`. */
export const sendPaced = ({ bootstrapServer, topic, recordsPerSecond, seconds }: PacedLoad) =>
  send('send-paced', [bootstrapServer, topic, recordsPerSecond, seconds])
