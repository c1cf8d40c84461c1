import type { StateEntry } from '../../../brokers/changelog.ts'
import type { Group } from '../operators/group-keys.ts'
import type { StoredPage } from '../operators/pane-store.ts'
import type { LateRecord, Position, QueryCommit, StateChanges, StoredQuery } from './job-store.ts'

/**
 * A job's state as keys and values, so that a topic that keeps the last value of each key holds all of it. A key is the table and the primary key as a JSON
 * array; a value is JSON, but for pages: the pane's start as a big-endian double, then the page.
 */
export type StateKey =
  | readonly ['query', query: string]
  | readonly ['position', query: string, partition: number]
  | readonly ['group', query: string, id: number]
  | readonly ['page', query: string, store: PageStore, page: number]
  | readonly ['late', query: string, partition: number, offset: number, carried: number]
  /** A row of the result that a rebuild carried over. */
  | readonly ['carried', query: string, key: string]

export type PageStore = 'pane' | 'patch' | 'key'

/** Without what has a table of its own; null for minus infinity. */
export interface QueryFacts {
  readonly fingerprint: string
  readonly closedUpToMs: number | null
  readonly lateRecords: number
  readonly boundMs: number | null
}

/** Greatest event time null for minus infinity. */
export type PositionValue = Omit<Position, 'partition' | 'maxEventTime'> & { readonly maxEventTime: number | null }

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export const stateKey = (...key: StateKey): string => JSON.stringify(key)
export const parsedStateKey = (text: string): StateKey => JSON.parse(text) as StateKey

export const jsonValue = (value: unknown): Uint8Array => encoder.encode(JSON.stringify(value))
export const parsedValue = <Value>(bytes: Uint8Array): Value => JSON.parse(decoder.decode(bytes)) as Value

export function pageValue({ paneStart, body }: Omit<StoredPage, 'page'>): Uint8Array {
  const bytes = new Uint8Array(8 + body.length)
  new DataView(bytes.buffer).setFloat64(0, paneStart)
  bytes.set(body, 8)
  return bytes
}

export function parsedPage(bytes: Uint8Array): Omit<StoredPage, 'page'> {
  const paneStart = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0)
  return { paneStart, body: bytes.subarray(8) }
}

export const lateEntry = (query: string, { partition, offset, ...late }: LateRecord, carried = 0): StateEntry => ({
  key: stateKey('late', query, partition, offset, carried),
  value: jsonValue(late),
})
export const positionEntry = (query: string, { partition, ...position }: Position): StateEntry => ({
  key: stateKey('position', query, partition),
  value: jsonValue({ ...position, maxEventTime: finite(position.maxEventTime) }),
})
export const groupEntry = (query: string, { id, ...group }: Group): StateEntry => ({
  key: stateKey('group', query, id),
  value: jsonValue(group),
})
export const pageEntry = (query: string, store: PageStore, page: StoredPage): StateEntry => ({
  key: stateKey('page', query, store, page.page),
  value: pageValue(page),
})

/** What a commit changed in the state of its query. `before`: the query as of the commit before. */
export function* entriesOfCommit(
  { query, closedUpToMs, late, positions }: QueryCommit,
  { groups, panes, patches, keys }: StateChanges,
  before: Pick<StoredQuery, 'fingerprint' | 'lateRecords' | 'boundMs'>,
): Iterable<StateEntry> {
  const facts: QueryFacts = {
    fingerprint: before.fingerprint,
    closedUpToMs: finite(closedUpToMs),
    lateRecords: before.lateRecords + late.length,
    boundMs: finite(before.boundMs),
  }
  yield { key: stateKey('query', query), value: jsonValue(facts) }
  for (const position of positions) yield positionEntry(query, position)
  for (const record of late) yield lateEntry(query, record)
  for (const id of groups.removed) yield { key: stateKey('group', query, id), value: null }
  for (const group of groups.added) yield groupEntry(query, group)
  for (const [store, changes] of [
    ['pane', panes],
    ['patch', patches],
    ['key', keys],
  ] as const) {
    for (const page of changes.dropped) yield { key: stateKey('page', query, store, page), value: null }
    for (const page of changes.written) yield pageEntry(query, store, page)
  }
}

/** JSON knows no infinities: as in the tables, minus infinity is null and plus infinity the greatest number. */
const finite = (ms: number): number | null =>
  ms === Number.NEGATIVE_INFINITY ? null : ms === Number.POSITIVE_INFINITY ? Number.MAX_VALUE : ms
