import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { EventStream } from './event-stream.ts'

type Row = Readonly<Record<string, unknown>>

interface EventData {
  readonly reset?: boolean
  readonly rowCount?: number
  readonly rows?: readonly { readonly key: string; readonly row: Row }[]
  readonly removed?: readonly string[]
}

export interface LiveFollowerSpec {
  readonly url: string
  readonly app: string
  readonly query: string
  /** Says why a row may not follow on the one that was there; undefined when it may. */
  readonly stepBack: (before: Row, after: Row) => string | undefined
}

/**
 * Follows a query as a client would that must miss nothing: over every restart of the platform, by the id of the last event. It holds a table of
 * its own, and notes whatever a reader must never see: a row that goes, a figure that goes back, an id out of order, a snapshot that lacks a row.
 */
export class LiveFollower {
  readonly table = new Map<string, Row>()
  readonly violations: string[] = []
  snapshots = 0
  connections = 0
  readonly #spec: LiveFollowerSpec
  readonly #done: Promise<void>
  #lastId: string | undefined
  #events: EventStream | undefined
  /** The snapshot that is coming in, until its end. */
  #incoming: Map<string, Row> | undefined
  #closed = false

  constructor(spec: LiveFollowerSpec) {
    this.#spec = spec
    this.#done = this.#follow()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#events?.close()
    await this.#done
  }

  async #follow(): Promise<void> {
    const { url, app, query } = this.#spec
    while (!this.#closed) {
      this.#incoming = undefined
      try {
        this.#events = await EventStream.open(`${url}/v1/apps/${app}/queries/${query}/live`, this.#lastId)
        this.connections++
        for (;;) this.#take(await this.#events.next())
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error
        // The platform is away: the next connection goes on by the last id.
        await delay(20)
      }
    }
  }

  #take({ id, event, data }: { readonly id: string; readonly event: string; readonly data: string }): void {
    const content = JSON.parse(data) as EventData
    if (event === 'snapshot') this.#takeSnapshotPiece(content)
    else if (event === 'snapshot-end') this.#endSnapshot(content)
    else if (event === 'changes') this.#takeChanges(content)
    else this.#note(`an event ${event}: ${data}`)
    if (id === '') return
    if (!isLater(this.#lastId, id)) this.#note(`id ${id} came after ${this.#lastId}`)
    this.#lastId = id
  }

  #takeSnapshotPiece({ reset, rows = [] }: EventData): void {
    if (reset === true) this.#incoming = new Map()
    for (const { key, row } of rows) this.#incoming?.set(key, row)
  }

  #endSnapshot({ rowCount }: EventData): void {
    const snapshot = this.#incoming ?? new Map<string, Row>()
    this.#incoming = undefined
    this.snapshots++
    if (snapshot.size !== rowCount) this.#note(`a snapshot of ${snapshot.size} rows says it has ${rowCount}`)
    for (const key of this.table.keys()) if (!snapshot.has(key)) this.#note(`the row ${key} is not in a snapshot`)
    for (const [key, row] of snapshot) this.#put(key, row)
  }

  #takeChanges({ rows = [], removed = [] }: EventData): void {
    for (const key of removed) this.#note(`the row ${key} was removed`)
    for (const { key, row } of rows) this.#put(key, row)
  }

  #put(key: string, row: Row): void {
    const before = this.table.get(key)
    const wrong = before === undefined ? undefined : this.#spec.stepBack(before, row)
    if (wrong !== undefined) this.#note(`${key}: ${wrong}`)
    this.table.set(key, row)
  }

  #note(violation: string): void {
    this.violations.push(`${this.#spec.query}: ${violation}`)
  }
}

/** Within a generation positions ascend: commit, then part, of which the last has no number. Another generation may begin at any. */
function isLater(before: string | undefined, id: string): boolean {
  const [now, last] = [positionOf(id), before === undefined ? undefined : positionOf(before)]
  if (last === undefined || now.generation !== last.generation) return true
  return now.sequence > last.sequence || (now.sequence === last.sequence && now.part > last.part)
}

function positionOf(id: string) {
  const [, generation, sequence, part] = /^(.*)-(\d+)(?:\.(\d+))?$/.exec(id)!
  return { generation, sequence: Number(sequence), part: part === undefined ? Number.POSITIVE_INFINITY : Number(part) }
}
