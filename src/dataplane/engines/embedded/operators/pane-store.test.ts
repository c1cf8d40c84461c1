import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { StateWriter } from '../state/state-bytes.ts'
import { createAccumulator } from './accumulators/create-accumulator.ts'
import { GroupKeys } from './group-keys.ts'
import { PaneStore, type StoredPage } from './pane-store.ts'

const GROUPS = 40

function newStore() {
  const groups = new GroupKeys([{ name: 'g', type: { kind: 'int' } }], 'UTC')
  const store = new PaneStore([createAccumulator('count', null)], groups, { grouped: true, trackSlots: true })
  return { groups, store }
}

/** Counts one record for a group, by way of its number. */
function count(store: PaneStore, start: number, group: number): void {
  const slots = new Int32Array([store.touch(store.paneAt(start), group)])
  store.accumulators[0]!.add({
    argument: null,
    rows: new Int32Array(1),
    slots,
    begin: 0,
    end: 1,
    eventTimes: new Float64Array(1),
    partition: 0,
    offsetOf: () => 0,
  })
}

const resultOf = (store: PaneStore, start: number, group: number): unknown => {
  const slot = store.open.find(start)?.slotOf.get(group) ?? -1
  return slot < 0 ? null : store.accumulators[0]!.result(slot)
}

function filled() {
  const { groups, store } = newStore()
  for (let id = 0; id < GROUPS; id++) groups.restore({ id, key: String(id), fields: `"g":${id},` })
  for (let group = 0; group < GROUPS; group++) for (let i = 0; i <= group % 3; i++) count(store, 0, group)
  count(store, 5000, 7)
  return { groups, store }
}

describe('a pane store', () => {
  it('comes back from its pages as it was, in whatever order they are read', () => {
    const { store } = filled()
    const { written } = store.takePages(new StateWriter())
    for (const pages of [written, written.toReversed()]) {
      const { groups, store: restored } = newStore()
      for (let id = 0; id < GROUPS; id++) groups.restore({ id, key: String(id), fields: '' })
      for (const page of pages) restored.restore(page)
      restored.restored()
      for (let group = 0; group < GROUPS; group++) assert.equal(resultOf(restored, 0, group), BigInt((group % 3) + 1))
      assert.equal(resultOf(restored, 5000, 7), 1n)
      count(restored, 0, 39)
      assert.equal(resultOf(restored, 0, 39), 2n)
    }
  })

  it('writes only the pages that changed', () => {
    const { store } = filled()
    const all = store.takePages(new StateWriter()).written.length
    count(store, 5000, 7)
    assert.ok(all > 2)
    assert.equal(store.takePages(new StateWriter()).written.length, 1)
  })

  it('uses the pages of dropped panes again, and says which are gone', () => {
    const { store } = filled()
    const { written } = store.takePages(new StateWriter())
    store.drop(store.open.find(0)!)
    const { dropped } = store.takePages(new StateWriter())
    assert.deepEqual(
      [...dropped].sort(),
      written
        .filter(({ paneStart }: StoredPage) => paneStart === 0)
        .map(({ page }) => page)
        .sort(),
    )
    count(store, 10_000, 3)
    const [again] = store.takePages(new StateWriter()).written
    assert.ok(dropped.includes(again!.page))
  })

  it('frees groups that no pane holds any more', () => {
    const { groups, store } = filled()
    store.drop(store.open.find(0)!)
    const { removed } = groups.takeChanges(store.takeReleasedGroups())
    assert.equal(removed.length, GROUPS - 1)
    assert.ok(!removed.includes(7))
  })
})
