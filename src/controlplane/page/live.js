// The first live page: each query's newest rows and the course of its first figure, as they change. No framework, nothing from elsewhere.

const ROWS_SHOWN = 8
const WINDOWS_CHARTED = 60
const HEALTH_EVERY_MS = 2000

/** A number that keeps the digits it was written with: 1.50 stays 1.50. */
class Figure {
  constructor(value, text) {
    this.value = value
    this.text = text
  }

  toString() {
    const [whole, fraction] = this.text.split('.')
    return /^-?\d+$/.test(whole)
      ? BigInt(whole).toLocaleString('en-US') + (fraction === undefined ? '' : `.${fraction}`)
      : this.text
  }
}

const parse = (text) =>
  JSON.parse(text, (_key, value, context) =>
    typeof value === 'number' ? new Figure(value, context?.source ?? String(value)) : value,
  )

/** The rows of one query by result key, as the event stream says. */
class QueryPanel {
  constructor(app, query) {
    this.query = query
    this.rows = new Map()
    this.fresh = new Set()
    this.timeZone = app.timeZone
    this.element = document.getElementById('query-template').content.firstElementChild.cloneNode(true)
    this.element.querySelector('h3').textContent = query.name
    this.element.querySelector('.about').textContent = [
      query.window,
      query.groupBy?.length ? `by ${query.groupBy.join(', ')}` : null,
      query.mode,
    ]
      .filter(Boolean)
      .join(' · ')
    const source = new EventSource(`/v1/apps/${app.name}/queries/${query.name}/live`)
    source.addEventListener('snapshot', (event) => {
      this.rows.clear()
      this.apply(parse(event.data), false)
    })
    source.addEventListener('changes', (event) => this.apply(parse(event.data), true))
  }

  apply({ rows, removed }, fresh) {
    for (const key of removed) this.rows.delete(key)
    for (const { key, row } of rows) {
      this.rows.set(key, row)
      if (fresh) this.fresh.add(key)
    }
    this.forgetOld()
    this.wanted ??= requestAnimationFrame(() => {
      this.wanted = undefined
      this.draw()
    })
  }

  forgetOld() {
    if (this.rows.size <= 4000) return
    const kept = [...this.rows].sort(([, a], [, b]) => startOf(b) - startOf(a)).slice(0, 2000)
    this.rows = new Map(kept)
  }

  draw() {
    const newest = [...this.rows].sort(
      ([keyA, a], [keyB, b]) =>
        startOf(b) - startOf(a) || figureOf(b, this.query) - figureOf(a, this.query) || (keyA < keyB ? -1 : 1),
    )
    this.drawTable(newest.slice(0, ROWS_SHOWN))
    this.drawChart()
    this.element.querySelector('.foot').textContent =
      `following ${this.rows.size.toLocaleString('en-US')} ${this.rows.size === 1 ? 'row' : 'rows'}`
    this.fresh.clear()
  }

  drawTable(entries) {
    const names = entries.length === 0 ? [] : Object.keys(entries[0][1])
    const head = document.createElement('tr')
    for (const name of names)
      head.append(cell('th', name === 'window' ? 'window from' : name.replaceAll('_', ' '), this.isNumber(name)))
    const lines = entries.map(([key, row]) => {
      const line = document.createElement('tr')
      if (this.fresh.has(key)) line.className = 'fresh'
      for (const name of names) line.append(this.valueCell(name, row[name]))
      return line
    })
    this.element.querySelector('thead').replaceChildren(head)
    this.element.querySelector('tbody').replaceChildren(...lines)
  }

  valueCell(name, value) {
    if (name === 'window') return cell('td', value.start.slice(0, 19).replace('T', ' '), false)
    const made = cell('td', value === null ? 'null' : String(value), this.isNumber(name))
    if (value === null) made.classList.add('nothing')
    made.title = made.textContent
    return made
  }

  isNumber(name) {
    return this.query.results?.includes(name) === true
  }

  /** The first result field over the newest windows, summed over groups. */
  drawChart() {
    const totals = new Map()
    for (const row of this.rows.values())
      totals.set(startOf(row), (totals.get(startOf(row)) ?? 0) + figureOf(row, this.query))
    const points = [...totals].sort(([a], [b]) => a - b).slice(-WINDOWS_CHARTED)
    const greatest = Math.max(...points.map(([, value]) => value), 1)
    const chart = this.element.querySelector('.chart')
    chart.style.display = points.length < 3 ? 'none' : 'block'
    const x = (i) => (i / Math.max(points.length - 1, 1)) * 320
    const line = points
      .map(([, value], i) => `${i === 0 ? 'M' : 'L'}${x(i).toFixed(1)},${(70 - (value / greatest) * 64).toFixed(1)}`)
      .join('')
    chart.querySelector('path').setAttribute('d', points.length === 0 ? '' : `${line}L320,74L0,74Z`)
    chart.setAttribute('aria-label', `${this.query.results?.[0] ?? ''} over the last ${points.length} windows`)
  }
}

const startOf = (row) => (row.window === undefined ? 0 : Date.parse(row.window.start))
const figureOf = (row, query) => row[query.results?.[0]]?.value ?? 0

function cell(kind, text, number) {
  const made = document.createElement(kind)
  made.textContent = text
  if (number) made.className = 'number'
  return made
}

async function showHealth() {
  const line = document.getElementById('health')
  try {
    const { status, apps } = await (await fetch('/health')).json()
    const sentences = apps.flatMap((app) => app.sentences.map((sentence) => `${app.app}: ${sentence}`))
    line.className = `health ${status}`
    line.textContent = sentences.length === 0 ? 'all is well' : sentences.join(' · ')
  } catch {
    line.className = 'health failed'
    line.textContent = 'the platform does not answer'
  }
}

const { apps } = await (await fetch('/v1/apps')).json()
for (const app of apps) {
  const section = document.createElement('section')
  section.className = 'app'
  const title = cell('h2', app.name, false)
  title.append(cell('small', app.timeZone, false))
  const grid = document.createElement('div')
  grid.className = 'grid'
  grid.append(...app.queries.map((query) => new QueryPanel(app, query).element))
  section.append(title, grid)
  document.getElementById('apps').append(section)
}
await showHealth()
setInterval(showHealth, HEALTH_EVERY_MS)
