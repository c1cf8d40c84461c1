import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { windowPanes } from '#language/windows/window-panes.ts'
import type { RelationBatch } from '../compile/relation.ts'
import { CutRanges } from './cut-ranges.ts'
import { PaneRuns, type RowRanges } from './pane-runs.ts'

/** From short panes to long ones; those of 7 do not nest in those of 10. */
const windows = [
  windowPanes({ kind: 'sliding', sizeMs: 30, slideMs: 10, offsetMs: 3 }),
  windowPanes({ kind: 'tumbling', sizeMs: 7, offsetMs: 0 }),
  windowPanes({ kind: 'tumbling', sizeMs: 60, offsetMs: 3 }),
  windowPanes({ kind: 'calendar', unit: 'day', timeZone: 'America/Chicago' }),
]

function inputOf(times: readonly number[], rows: readonly number[]): RelationBatch {
  const batch = { rows: times.length, eventTimes: Float64Array.from(times) } as unknown as RelationBatch['batch']
  return { batch, rows: Int32Array.from(rows), length: rows.length, column: () => assert.fail('no columns') }
}

/** Event times that ascend but for some, and the rows a filter left. */
const inputs = fc
  .array(
    fc.record({
      step: fc.nat(4),
      behind: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.nat(80)),
      kept: fc.boolean(),
    }),
  )
  .map((records) => {
    let newest = 0
    const times = records.map(({ step, behind }) => (newest += step) - behind)
    const some = records.flatMap(({ kept }, row) => (kept ? [row] : []))
    return [inputOf(times, [...times.keys()]), inputOf(times, some)] as const
  })

/** The pane start of each place in the row list; undefined for one that is in no range. */
function panesByPlace({ count, begins, ends, panes, paneStarts }: RowRanges, length: number): (number | undefined)[] {
  const found = new Array<number | undefined>(length).fill(undefined)
  for (let range = 0; range < count; range++) {
    assert.ok(begins[range]! < ends[range]!, 'a range has rows')
    for (let i = begins[range]!; i < ends[range]!; i++) found[i] = paneStarts[panes[range]!]
  }
  return found
}

describe('runs of panes', () => {
  it('put each row in the pane of its event time, with and without shorter panes to follow from', () => {
    const alone = windows.map((window) => new PaneRuns(window))
    const chained = windows.map((window) => new PaneRuns(window))
    chained.forEach((runs, i) => {
      runs.finer = chained[i - 1] ?? null
    })
    fc.assert(
      fc.property(inputs, (both) => {
        for (const input of both)
          for (const [i, window] of windows.entries()) {
            const wanted = Array.from(
              { length: input.length },
              (_, place) => window.paneOf(input.batch.eventTimes[input.rows[place]!]!).start,
            )
            assert.deepEqual(panesByPlace(alone[i]!.of(input), input.length), wanted)
            assert.deepEqual(panesByPlace(chained[i]!.of(input), input.length), wanted)
          }
      }),
    )
  })

  it('are cut around rows that are left out', () => {
    const runs = new PaneRuns(windows[0]!)
    const cut = new CutRanges()
    fc.assert(
      fc.property(inputs, fc.array(fc.nat(40)), ([input], places) => {
        const without = [...new Set(places.filter((place) => place < input.length))].sort((a, b) => a - b)
        const wanted = panesByPlace(runs.of(input), input.length)
        for (const place of without) wanted[place] = undefined
        const found = cut.of(runs.of(input), Int32Array.from([...without, 0, 0]), without.length)
        assert.deepEqual(panesByPlace(found, input.length), wanted)
      }),
    )
  })
})
