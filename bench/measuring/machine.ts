import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'

/** Where figures come from. Figures of two machines are not compared. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGigabytes: number
  readonly node: string
  readonly loadAverage: number
}

export const describeMachine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  memoryGigabytes: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  loadAverage: Math.round(loadavg()[0]! * 100) / 100,
})

/** A name for the files of a machine: `amd-epyc-2-cores`. */
export const machineName = ({ cpu, cores }: Machine): string =>
  `${cpu} ${cores} cores`
    .toLowerCase()
    .replaceAll(/\(r\)|\(tm\)|cpu|processor/g, ' ')
    .replaceAll(/[^a-z0-9]+/g, '-')

/** The commit that is measured, with a mark when files differ from it; null outside a repository. */
export function commitName(): string | null {
  try {
    const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim()
    return (
      git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '+')
    )
  } catch {
    return null
  }
}
