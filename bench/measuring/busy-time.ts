import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'

/** Linux counts CPU time in ticks of 10 ms towards programs, whatever the kernel's own clock is. */
const TICKS_PER_SECOND = 100
const IDLE_COLUMNS = [3, 4]
/** Columns of /proc/stat after `steal` repeat what is in the first two. */
const COLUMNS = 8

/** CPU seconds that all programs of the machine took since it started, all cores together. Time that the host took away counts, as it is as good as taken. */
export function systemBusySeconds(): number {
  const [first] = readFileSync('/proc/stat', 'utf8').split('\n')
  const ticks = first!.trim().split(/\s+/).slice(1).map(Number)
  const busy = ticks.slice(0, COLUMNS).filter((_, column) => !IDLE_COLUMNS.includes(column))
  return busy.reduce((sum, count) => sum + count, 0) / TICKS_PER_SECOND
}

/** User and system time of a process that runs, with all its threads, and of the children it waited for. */
export function processCpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const times = fields.slice(11, 15).map(Number)
  return times.reduce((sum, count) => sum + count, 0) / TICKS_PER_SECOND
}

/** What programs take of the machine while this one waits, as a share of all cores. */
export async function othersShareNow(milliseconds: number): Promise<number> {
  const [busyBefore, startedMs] = [systemBusySeconds(), performance.now()]
  await delay(milliseconds)
  return (systemBusySeconds() - busyBefore) / (((performance.now() - startedMs) / 1000) * availableParallelism())
}
