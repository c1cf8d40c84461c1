// One query: what it computes, a drawing of its newest windows, its newest rows.
import { drawBars, drawLine } from './charts.js'
import { count, Figure, nameText, numberOf, textOf, windowDay, windowText } from './values.js'

const ROWS_SHOWN = 6
const BARS_SHOWN = 8
const WINDOWS_DRAWN = 60
/** Rows that are remembered: enough windows for the drawing, bounded for a page that stays open. */
const ROWS_KEPT = 1500
/** Values of one window as they were seen, for queries whose windows are long. */
const SEEN_KEPT = 240

const startOf = (row) => (row.window === undefined ? 0 : Date.parse(row.window.start))

export class QueryCard {
  constructor(app, query) {
    this.query = query
    this.timeZone = app.timeZone
    this.rows = new Map()
    this.fresh = new Set()
    this.seen = []
    this.complete = false
    this.measure = query.results?.[0]
    this.grouped = (query.groupBy?.length ?? 0) > 0
    this.element = document.getElementById('card-template').content.firstElementChild.cloneNode(true)
    this.element.dataset.query = query.name
    this.writeHead()
    new ResizeObserver(() => this.drawSoon()).observe(this.part('.chart'))
  }

  part(selector) {
    return this.element.querySelector(selector)
  }

  writeHead() {
    const { name, window, groupBy, mode, results } = this.query
    const title = this.part('h3')
    title.textContent = name
    title.id = `query-${name}`
    this.element.setAttribute('aria-labelledby', title.id)
    const about = [window, groupBy?.length ? `by ${groupBy.map(nameText).join(', ')}` : null, mode]
    this.part('.about').textContent = about.filter(Boolean).join(' · ')
    this.part('caption').textContent = `newest rows of ${name}`
    this.part('.measures').hidden = (results?.length ?? 0) < 2
    this.part('.measures').replaceChildren(...(results ?? []).map((measure) => this.measureButton(measure)))
  }

  measureButton(measure) {
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = nameText(measure)
    button.setAttribute('aria-pressed', String(measure === this.measure))
    button.addEventListener('click', () => {
      this.measure = measure
      this.seen = []
      for (const other of this.part('.measures').children) other.setAttribute('aria-pressed', String(other === button))
      this.drawSoon()
    })
    return button
  }

  /** What the platform says of this query. */
  hear(kind, { reset, rows = [], removed = [] }) {
    if (kind === 'snapshot-end') this.complete = true
    if (reset === true) {
      this.rows.clear()
      this.complete = false
    }
    for (const key of removed) this.rows.delete(key)
    for (const { key, row } of rows) {
      this.rows.set(key, row)
      if (kind === 'changes') this.fresh.add(key)
    }
    if (this.rows.size > ROWS_KEPT) this.forgetOld()
    this.drawSoon()
  }

  forgetOld() {
    this.rows = new Map(this.newest().slice(0, ROWS_KEPT / 2))
  }

  /** Rows with their keys: the newest window first, the greatest value of it first. */
  newest() {
    const value = (row) => numberOf(row[this.measure]) ?? 0
    return [...this.rows].sort(
      ([keyA, a], [keyB, b]) =>
        startOf(b) - startOf(a) || value(b) - value(a) || keyB.length - keyA.length || (keyA < keyB ? 1 : -1),
    )
  }

  drawSoon() {
    this.wanted ??= requestAnimationFrame(() => {
      this.wanted = undefined
      this.draw()
    })
  }

  draw() {
    const newest = this.newest()
    const empty = newest.length === 0
    this.part('.chart').hidden = empty || this.measure === undefined
    this.part('.rows').hidden = empty
    this.part('.empty').hidden = !empty
    this.part('.empty').textContent = this.emptyText()
    if (!empty) {
      this.drawTable(newest.slice(0, ROWS_SHOWN))
      if (this.measure !== undefined) this.drawChart(newest)
    }
    this.part('.foot').textContent = empty
      ? ''
      : `${count(this.rows.size)} newest ${this.rows.size === 1 ? 'row' : 'rows'} followed`
    this.fresh.clear()
  }

  emptyText() {
    if (!this.complete) return 'waiting for the first answer…'
    return this.query.mode === 'append' && this.query.window !== undefined
      ? 'No rows yet. A row appears when its window has closed.'
      : 'No rows yet. They appear with the first records.'
  }

  drawChart(newest) {
    const [svg, bars] = [this.part('svg'), this.part('.bars')]
    svg.toggleAttribute('hidden', this.grouped)
    bars.hidden = !this.grouped
    if (this.grouped) this.drawGroups(newest)
    else this.drawCourse(newest)
  }

  /** The greatest groups of the newest window. */
  drawGroups(newest) {
    const { window } = newest[0][1]
    const group = newest.map(([, row]) => row).filter((row) => startOf(row) === startOf(newest[0][1]))
    const bars = group.slice(0, BARS_SHOWN).map((row) => ({
      text: this.query.groupBy.map((name) => textOf(row[name])).join(' · '),
      value: numberOf(row[this.measure]) ?? 0,
      valueText: textOf(row[this.measure]),
    }))
    drawBars(this.part('.bars'), bars)
    const rest = group.length > bars.length ? `, the first ${bars.length} of ${count(group.length)}` : ''
    this.part('figcaption').textContent =
      `${nameText(this.measure)} in ${windowDay(window, this.timeZone)} ${windowText(window, this.timeZone)}${rest}`
  }

  /** The newest windows; or, while there are too few, the newest one as it was seen to change. */
  drawCourse(newest) {
    const windows = newest
      .slice(0, WINDOWS_DRAWN)
      .map(([, row]) => ({ atMs: startOf(row), value: numberOf(row[this.measure]) }))
      .filter(({ value }) => value !== null)
      .reverse()
    this.see(newest[0][1])
    const few = windows.length < 3
    const points = few ? this.seen : windows
    const name = nameText(this.measure)
    const last = newest[0][1]
    this.part('figcaption').textContent = few
      ? `${name} of ${windowText(last.window, this.timeZone)}, since this page was opened`
      : `${name} of the last ${windows.length} windows, by window start on ${windowDay(last.window, this.timeZone)}`
    const latest = textOf(last[this.measure])
    if (points.length > 0)
      drawLine(this.part('svg'), points, {
        timeZone: few ? undefined : this.timeZone,
        label: `${this.part('figcaption').textContent}; now ${latest}`,
      })
  }

  see(row) {
    const value = numberOf(row[this.measure])
    if (value === null) return
    if (this.seenStart !== startOf(row)) this.seen = []
    this.seenStart = startOf(row)
    this.seen.push({ atMs: Date.now(), value })
    if (this.seen.length > SEEN_KEPT) this.seen = this.seen.filter((_, i) => i % 2 === 1 || i === this.seen.length - 1)
  }

  drawTable(entries) {
    const names = Object.keys(entries[0][1])
    const head = document.createElement('tr')
    head.append(...names.map((name) => this.cell('th', nameText(name), name)))
    for (const cell of head.children) cell.scope = 'col'
    const lines = entries.map(([key, row]) => {
      const line = document.createElement('tr')
      if (this.fresh.has(key)) line.className = 'fresh'
      line.append(...names.map((name) => this.valueCell(name, row[name])))
      return line
    })
    this.part('thead').replaceChildren(head)
    this.part('tbody').replaceChildren(...lines)
  }

  valueCell(name, value) {
    if (name !== 'window') {
      const made = this.cell('td', textOf(value), name)
      if (value === null) made.classList.add('nothing')
      made.title = value instanceof Figure ? value.text : String(value)
      return made
    }
    const made = this.cell('td', windowText(value, this.timeZone), name)
    made.title = `${value.start} to ${value.end}`
    return made
  }

  cell(kind, text, name) {
    const made = document.createElement(kind)
    made.textContent = text
    if (this.query.results?.includes(name)) made.classList.add('number')
    if (name === 'window') made.classList.add('window')
    return made
  }
}
