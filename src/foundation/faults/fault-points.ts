/** Places where a crash could hurt. A closed list: the crash tests hit each of them. */
export const faultPoints = [
  'log.append-begun',
  'log.batch-written',
  'log.append-committed',
  'ingest.transaction-sent',
  'ingest.transaction-committed',
  'log.segment-created',
  'log.generation-written',
  'log.segment-retired',
  'log.segment-deleted',
  'idle.mark-written',
  'placing.begun',
  'placing.records-written',
  'placing.records-placed',
  'placing.later-segments-raised',
  'placing.ended',
  'job.batch-read',
  'job.batch-processed',
  'job.changelog-restored',
  'job.changelog-begun',
  'job.changelog-sent',
  'job.changelog-committed',
  'job.commit-begun',
  'job.results-written',
  'job.state-written',
  'job.committed',
  'job.windows-closed',
  'run.input-read',
  'run.finished',
] as const

export type FaultPoint = (typeof faultPoints)[number]

/** `hit` counts, from 1, how often this point was passed since the faults were armed. It may throw, or end the process. */
export type FaultHandler = (point: FaultPoint, hit: number) => void

/** Stands for the end of the process: not a MysimbdpError, so nothing that handles errors takes it for one. */
export class SimulatedCrash extends Error {
  override readonly name = 'SimulatedCrash'
  readonly point: FaultPoint

  constructor(point: FaultPoint) {
    super(`simulated crash at ${point}`)
    this.point = point
  }
}

let armed: FaultHandler | null = null
const hits = new Map<FaultPoint, number>()

export function armFaults(handler: FaultHandler): void {
  hits.clear()
  armed = handler
}

export function disarmFaults(): void {
  armed = null
}

/** Marks such a place; does nothing unless a test armed it. */
export function faultPoint(point: FaultPoint): void {
  if (armed !== null) pass(armed, point)
}

function pass(handler: FaultHandler, point: FaultPoint): void {
  const hit = (hits.get(point) ?? 0) + 1
  hits.set(point, hit)
  handler(point, hit)
}
