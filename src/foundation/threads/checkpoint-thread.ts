import { getEnvironmentData, postMessageToThread, setEnvironmentData, Worker } from 'node:worker_threads'

/** Where threads that are started later find the id of the checkpoint thread. */
const THREAD_ID = 'mysimbdp.checkpointThread'
const HEAP = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 }

/** Tells the checkpoint thread to end. */
export const END = 'end'

export interface CheckpointThread {
  /** Resolves when it has no file open any more. */
  stop(): Promise<void>
}

/**
 * Starts the thread of a process that writes back WALs, so that nobody who appends or commits waits for it. Writers in this thread, and in those that
 * are started from now on, ask it; where it does not run they do it by themselves, when the WAL has the length that was set for it.
 */
export function startCheckpointThread(): CheckpointThread {
  const worker = new Worker(new URL('../sqlite/checkpoint-worker.ts', import.meta.url), { resourceLimits: HEAP })
  worker.unref()
  // Writers do without it: slower, and no less safe.
  worker.on('error', () => setEnvironmentData(THREAD_ID, undefined))
  setEnvironmentData(THREAD_ID, worker.threadId)
  let hasEnded = false
  const ended = new Promise<void>((resolve) =>
    worker.once('exit', () => {
      hasEnded = true
      resolve()
    }),
  )
  return {
    stop: async () => {
      setEnvironmentData(THREAD_ID, undefined)
      if (hasEnded) return
      worker.ref()
      await postMessageToThread(worker.threadId, END)
      await ended
    },
  }
}

/** Asks it to write the WAL of a file back. */
export function requestCheckpoint(path: string): void {
  const threadId = getEnvironmentData(THREAD_ID) as number | undefined
  if (threadId === undefined) return
  postMessageToThread(threadId, path).catch(() => {
    // It has ended, or has yet to begin.
  })
}
