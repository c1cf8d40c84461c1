import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { ErrorCode } from '#foundation/errors/error-codes.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { serveThread, threadData } from '#foundation/threads/thread.ts'

export interface FailingThreadData {
  /** A file that the thread has from its start until it is closed: two at a time are one too many. */
  readonly held: string
  /** A file with the code of the error that keeps the thread from starting; where it is not there nothing does. */
  readonly cause: string
}

export type FailingThreadMethods = {
  ready(argument: undefined): number
  fail(code: ErrorCode): void
  fill(argument: undefined): void
  hang(argument: undefined): void
  close(argument: undefined): Promise<void>
}

const { held, cause } = threadData<FailingThreadData>()
if (existsSync(cause)) throw new MysimbdpError(readFileSync(cause, 'utf8') as ErrorCode, 'it cannot start')
writeFileSync(held, '', { flag: 'wx' })

serveThread({
  ready: () => process.pid,
  fail: (code) => {
    rmSync(held)
    setImmediate(() => {
      throw new MysimbdpError(code, 'it was told to fail')
    })
  },
  fill: () => {
    rmSync(held)
    const all: object[] = []
    for (;;) all.push({ at: all.length, text: String(all.length) })
  },
  hang: () => {
    rmSync(held)
    for (;;);
  },
  close: async () => {
    await pause(40)
    rmSync(held)
  },
} satisfies FailingThreadMethods)
