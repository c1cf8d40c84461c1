import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Window } from './window.ts'
import { windowPanes } from './window-panes.ts'

type Paned = Exclude<Window, { kind: 'session' }>

const sliding = fc.record({
  sizeMs: fc.integer({ min: 1, max: 200 }),
  slide: fc.integer({ min: 1, max: 200 }),
  offsetMs: fc.integer({ min: 0, max: 500 }),
})
const asWindow = ({ sizeMs, slide, offsetMs }: { sizeMs: number; slide: number; offsetMs: number }): Paned => ({
  kind: 'sliding',
  sizeMs,
  slideMs: Math.min(sizeMs, slide),
  offsetMs,
})
const calendars: readonly Paned[] = (['day', 'week', 'month', 'quarter', 'year'] as const).flatMap((unit) =>
  ['UTC', 'America/Chicago', 'America/St_Johns', 'Pacific/Apia', 'America/Sao_Paulo'].map(
    (timeZone): Paned => ({ kind: 'calendar', unit, timeZone }),
  ),
)

/** What must hold between the panes and windows of any window at any instant. */
function assertConsistent(window: Paned, instant: number): void {
  const panes = windowPanes(window)
  const pane = panes.paneOf(instant)
  assert.ok(pane.start <= instant && instant < pane.end)
  assert.deepEqual(panes.paneOf(pane.start), pane)
  const all = panes.windowsOf(pane.start)
  assert.equal(panes.lastEndOf(pane.start), Math.max(...all.map(({ end }) => end)))
  for (const [afterMs, upToMs] of [
    [instant, instant + 50],
    [instant - 50, instant + 10],
    [Number.NEGATIVE_INFINITY, instant + 100],
    [instant + 20, Number.POSITIVE_INFINITY],
  ] as const)
    assert.deepEqual(
      panes.windowsEnding(pane.start, afterMs, upToMs),
      all.filter(({ end }) => end > afterMs && end <= upToMs),
    )
  for (const found of all) {
    assert.ok(found.start <= instant && instant < found.end, 'each window of the pane holds the instant')
    assert.deepEqual(panes.windowAt(found.start), found)
    assert.ok(panes.panesIn(found).includes(pane.start))
    assert.equal(panes.paneCount(found), panes.panesIn(found).length)
  }
}

describe('panes', () => {
  it('of sliding windows: a record is in every window that covers its time, and in no other', () => {
    fc.assert(
      fc.property(sliding, fc.integer({ min: -2000, max: 2000 }), (parts, instant) => {
        const window = asWindow(parts) as Extract<Paned, { kind: 'sliding' }>
        assertConsistent(window, instant)
        const wanted: number[] = []
        for (
          let start =
            Math.floor((instant - 1000) / window.slideMs) * window.slideMs + (window.offsetMs % window.slideMs);
          start <= instant;
          start += window.slideMs
        ) {
          if (instant < start + window.sizeMs) wanted.push(start)
        }
        const panes = windowPanes(window)
        assert.deepEqual(
          panes.windowsOf(panes.paneOf(instant).start).map(({ start }) => start),
          wanted,
        )
      }),
    )
  })

  it('of calendar windows follow one another without gap, through every change of the clock', () => {
    for (const window of calendars) {
      const panes = windowPanes(window)
      let instant = Date.parse('2006-10-01T00:00:00Z')
      for (let i = 0; i < 400 && instant < Date.parse('2025-01-01T00:00:00Z'); i++) {
        assertConsistent(window, instant)
        const { end } = panes.paneOf(instant)
        assert.equal(panes.paneOf(end).start, end)
        assert.equal(panes.paneOf(end - 1).end, end)
        instant = end + ((i * 7_654_321) % 40_000_000)
      }
    }
  })
})
