import { spawn } from 'node:child_process'
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { delay } from '#foundation/time/timers.ts'
import { commandLineOf } from './command-line.ts'
import { listenProblem } from './ports.ts'
import type { Launch, Server } from './server.ts'

/** What is kept of a process that was started, so that a later command finds it. */
interface PidFile {
  readonly pid: number
  /** Bytes that the log file had before. */
  readonly logOffset: number
}

/** What a server says of being ready stands near the beginning of its log. */
const LOG_READ_MAX_BYTES = 4 * 1024 * 1024
const ALIVE_POLL_MS = 50
const PORTS_FREE_MAX_MS = 10_000

/** The process of a server, which lives longer than the command that started it. */
export class ServerProcess {
  readonly logFile: string
  readonly #server: Server
  readonly #pidFile: string

  constructor(server: Server, clusterFolder: string) {
    this.#server = server
    this.#pidFile = join(clusterFolder, 'run', `${server.name}.json`)
    this.logFile = join(clusterFolder, 'logs', `${server.name}.log`)
  }

  /** The id of the process, null where it does not run. A process of somebody else that got the same id is not taken for it. */
  pid(): number | null {
    const kept = this.#kept()
    return kept !== null && this.#isOurs(kept.pid) ? kept.pid : null
  }

  start({ program, arguments: args, folder }: Launch): void {
    for (const file of [this.logFile, this.#pidFile]) mkdirSync(dirname(file), { recursive: true })
    const log = openSync(this.logFile, 'a')
    try {
      const logOffset = statSync(this.logFile).size
      // Of a group of its own: Ctrl-C in the terminal of the command that started it is not meant for it.
      const child = spawn(program, args, { cwd: folder, detached: true, stdio: ['ignore', log, log] })
      child.on('error', () => {})
      if (child.pid === undefined)
        throw new MysimbdpError('MSB_SERVER_FAILED', `${this.#server.name}: '${program}' cannot be run`)
      child.unref()
      this.#keep({ pid: child.pid, logOffset })
    } finally {
      closeSync(log)
    }
  }

  /** What it has logged since it started, of which the first 4 MiB. */
  log(): string {
    const { logOffset } = this.#kept() ?? { logOffset: 0 }
    const length = Math.min(
      (statSync(this.logFile, { throwIfNoEntry: false })?.size ?? 0) - logOffset,
      LOG_READ_MAX_BYTES,
    )
    if (length <= 0) return ''
    const file = openSync(this.logFile, 'r')
    try {
      const bytes = Buffer.alloc(length)
      return bytes.toString('utf8', 0, readSync(file, bytes, 0, length, logOffset))
    } finally {
      closeSync(file)
    }
  }

  /** Asks it to end, and after `patienceMs` makes it end. Resolves when it is gone, at once where it does not run. */
  async stop(patienceMs: number): Promise<'was not running' | 'ended' | 'was killed'> {
    const pid = this.pid()
    if (pid === null) {
      this.#forget()
      return 'was not running'
    }
    let outcome: 'ended' | 'was killed' = 'ended'
    if (patienceMs > 0) {
      signal(pid, 'SIGTERM')
      await this.#gone(pid, patienceMs)
    }
    if (this.#isOurs(pid)) {
      outcome = 'was killed'
      signal(pid, 'SIGKILL')
      await this.#gone(pid, Number.POSITIVE_INFINITY)
    }
    await this.#portsFree()
    this.#forget()
    return outcome
  }

  /** Makes it end at once, without waiting: for a process that is ending itself. */
  killNow(): void {
    const pid = this.pid()
    if (pid !== null) signal(pid, 'SIGKILL')
  }

  async #gone(pid: number, patienceMs: number): Promise<void> {
    for (let waitedMs = 0; waitedMs < patienceMs && this.#isOurs(pid); waitedMs += ALIVE_POLL_MS)
      await delay(ALIVE_POLL_MS)
  }

  /** A process is no longer to be seen a moment before its last thread closes what it had open. */
  async #portsFree(): Promise<void> {
    for (let waitedMs = 0; waitedMs < PORTS_FREE_MAX_MS; waitedMs += ALIVE_POLL_MS) {
      const problems = await Promise.all(this.#server.listens.map(listenProblem))
      if (!problems.includes('EADDRINUSE')) return
      await delay(ALIVE_POLL_MS)
    }
  }

  /** Every server has the path of its folder in its command line, and nothing else has. */
  #isOurs(pid: number): boolean {
    return commandLineOf(pid)?.includes(`${this.#server.folder}${sep}`) === true
  }

  #kept(): PidFile | null {
    try {
      return JSON.parse(readFileSync(this.#pidFile, 'utf8')) as PidFile
    } catch {
      return null
    }
  }

  #keep(content: PidFile): void {
    writeFileSync(`${this.#pidFile}.new`, `${JSON.stringify(content)}\n`)
    renameSync(`${this.#pidFile}.new`, this.#pidFile)
  }

  #forget(): void {
    rmSync(this.#pidFile, { force: true })
  }
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    // It ended by itself meanwhile.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
