import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { END } from '../threads/checkpoint-thread.ts'
import { leaveThread, serveThread } from '../threads/thread.ts'

/** Entry of the checkpoint thread; see `threads/checkpoint-thread.ts`. */

/**
 * A WAL begins anew only when all of it is written back at a moment at which nobody has just committed. What commits add during a long round is
 * little, and the next round short.
 */
const ROUNDS_MAX = 8

const asked = new Set<string>()

process.on('workerMessage', (message: string) => {
  if (message === END) leaveThread()
  else {
    if (asked.size === 0) setImmediate(checkpointAsked)
    asked.add(message)
  }
})

// Nothing is called; it keeps the thread there.
serveThread({})

function checkpointAsked(): void {
  const paths = [...asked]
  asked.clear()
  for (const path of paths) {
    try {
      checkpoint(path)
    } catch {
      // The file was deleted, or is broken, or somebody else checkpoints it: its writer finds out, and is who says so.
    }
  }
}

function checkpoint(path: string): void {
  const location = pathToFileURL(path)
  // A file that was deleted meanwhile must not come into being again.
  location.searchParams.set('mode', 'rw')
  const database = new DatabaseSync(location)
  try {
    const round = database.prepare('PRAGMA wal_checkpoint(PASSIVE)')
    for (let rounds = 0; rounds < ROUNDS_MAX; rounds++) {
      const { busy, log, checkpointed } = round.get() as { busy: number; log: number; checkpointed: number }
      if (busy !== 0 || log === checkpointed) return
    }
  } finally {
    database.close()
  }
}
