import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { systemBusySeconds } from './busy-time.ts'

/** A program that is measured from outside, as a process of its own and all by the same ruler. */
export interface ProcessSpec {
  readonly command: readonly [program: string, ...args: string[]]
  /** It runs on the first so many cores, where `taskset` is there to hold it. */
  readonly cores: number
  readonly env?: Readonly<Record<string, string>>
}

export interface ProcessMeasurement {
  /** User and system time of the process and the children it waited for, from start to end. */
  readonly cpuSeconds: number
  readonly wallSeconds: number
  /** The most memory it held at once, MB of 2^20 bytes. */
  readonly peakRssMegabytes: number
  /** What other programs took of the machine meanwhile, as a share of all cores. */
  readonly othersShare: number
  readonly output: string
}

/** bash measures CPU by wait4(2), which misses nothing; descriptor 3 brings the id of the process, and at its end the times. */
const TIMED = `TIMEFORMAT='%3U %3S'; { time { ( echo $BASHPID >&3; exec "$@" 2>&4 ) }; } 4>&2 2>&3`
/** VmHWM only grows, so what is read last misses only what comes after. */
const MEMORY_EVERY_MS = 10

export const canPin: boolean = spawnSync('taskset', ['-c', '0', 'true']).status === 0

const cores = availableParallelism()

/** @throws Error with what it said, when it ends with another exit code than 0 */
export async function measureProcess(spec: ProcessSpec): Promise<ProcessMeasurement> {
  const pinned = canPin ? ['taskset', '-c', `0-${Math.min(spec.cores, cores) - 1}`, ...spec.command] : spec.command
  const [busyBefore, ownBefore, startedMs] = [systemBusySeconds(), process.cpuUsage(), performance.now()]
  const child = spawn('bash', ['-c', TIMED, 'measured', ...pinned], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...spec.env },
  })
  const [out, error, times] = [child.stdout!, child.stderr!, child.stdio[3] as NodeJS.ReadableStream].map(textOf)
  let peakRssMegabytes = 0
  const memory = setInterval(() => {
    const pid = Number(times!.text.split('\n')[0])
    if (pid > 0) peakRssMegabytes = Math.max(peakRssMegabytes, peakRssOf(pid))
  }, MEMORY_EVERY_MS)
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  clearInterval(memory)
  const wallSeconds = (performance.now() - startedMs) / 1000
  if (code !== 0) throw new Error(`${spec.command.join(' ')} ended with exit code ${code}:\n${out!.text}${error!.text}`)
  const cpuSeconds = secondsIn(times!.text.trim().split('\n').at(-1)!)
  const own = process.cpuUsage(ownBefore)
  const others = systemBusySeconds() - busyBefore - cpuSeconds - (own.user + own.system) / 1e6
  return {
    cpuSeconds,
    wallSeconds,
    peakRssMegabytes,
    othersShare: Math.max(0, others / (wallSeconds * cores)),
    output: out!.text,
  }
}

function textOf(stream: NodeJS.ReadableStream): { readonly text: string } {
  const collected = { text: '' }
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => (collected.text += text))
  return collected
}

const secondsIn = (times: string): number => times.split(' ').reduce((sum, time) => sum + Number(time), 0)

/** Of a process that runs, MB of 2^20 bytes; 0 when it has ended. */
export function peakRssOf(pid: number): number {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kilobytes ?? 0) / 1024
  } catch {
    return 0
  }
}
