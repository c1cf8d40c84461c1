// Drawings: a line over time with axes, bars, a small course. SVG in the pixels of its place, so that texts stay sharp.
import { axisTimeText, shortNumber } from './values.js'

const HEIGHT = 168
const MARGIN = { top: 12, right: 14, bottom: 24, left: 46 }

function draw(name, attributes, text) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  if (text !== undefined) element.textContent = text
  return element
}

/** Round numbers from zero, or the least value, to the greatest one: three to five of them. */
export function ticksFor(least, greatest) {
  const [from, to] = [Math.min(least, 0), Math.max(greatest, 0)]
  const rough = (to - from || 1) / 3
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * [1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough)
  const ticks = []
  for (let i = Math.floor(from / step); (i - 1) * step < to; i++) ticks.push(i * step)
  return ticks
}

/** Instants for labels: as many as there is room for, evenly. */
function timesFor(from, to, width) {
  const labels = Math.max(2, Math.min(6, Math.floor(width / 110)))
  return Array.from({ length: labels }, (_, i) => from + ((to - from) * i) / (labels - 1))
}

/** Draws points `{ atMs, value }`, in order of time. */
export function drawLine(svg, points, { timeZone, label }) {
  const width = Math.max(svg.parentElement.clientWidth, 200)
  const [first, last] = [points[0], points.at(-1)]
  const values = points.map(({ value }) => value)
  const ticks = ticksFor(Math.min(...values), Math.max(...values))
  const [low, high] = [ticks[0], ticks.at(-1)]
  const span = last.atMs - first.atMs || 1
  const x = (ms) => MARGIN.left + ((ms - first.atMs) / span) * (width - MARGIN.left - MARGIN.right)
  const y = (value) => HEIGHT - MARGIN.bottom - ((value - low) / (high - low)) * (HEIGHT - MARGIN.top - MARGIN.bottom)
  const parts = ticks.flatMap((tick) => [
    draw('line', { class: 'grid', x1: MARGIN.left, x2: width - MARGIN.right, y1: y(tick), y2: y(tick) }),
    draw('text', { class: 'tick', x: MARGIN.left - 8, y: y(tick) + 4, 'text-anchor': 'end' }, shortNumber(tick)),
  ])
  const times = timesFor(first.atMs, last.atMs, width)
  for (const [i, ms] of times.entries()) {
    const anchor = i === 0 ? 'start' : i === times.length - 1 ? 'end' : 'middle'
    const text = axisTimeText(ms, span, timeZone)
    parts.push(draw('text', { class: 'tick', x: x(ms), y: HEIGHT - 6, 'text-anchor': anchor }, text))
  }
  const line = points.map(({ atMs, value }, i) => `${i === 0 ? 'M' : 'L'}${x(atMs).toFixed(1)},${y(value).toFixed(1)}`)
  const path = line.join('')
  parts.push(draw('path', { class: 'area', d: `${path}L${x(last.atMs)},${y(0)}L${x(first.atMs)},${y(0)}Z` }))
  parts.push(draw('path', { class: 'line', d: path }))
  parts.push(draw('circle', { class: 'dot', cx: x(last.atMs), cy: y(last.value), r: 3.5 }))
  svg.setAttribute('viewBox', `0 0 ${width} ${HEIGHT}`)
  svg.setAttribute('height', HEIGHT)
  svg.setAttribute('aria-label', label)
  svg.replaceChildren(...parts)
}

/** Draws bars `{ text, value, valueText }` as a list: the texts are there for everybody. */
export function drawBars(list, bars) {
  const greatest = Math.max(...bars.map(({ value }) => Math.abs(value)), Number.MIN_VALUE)
  list.replaceChildren(
    ...bars.map(({ text, value, valueText }) => {
      const item = document.createElement('li')
      const [name, bar, figure] = ['span', 'span', 'span'].map((kind) => document.createElement(kind))
      name.className = 'bar-name'
      name.textContent = text
      name.title = text
      bar.className = 'bar-track'
      const fill = document.createElement('span')
      fill.className = 'bar-fill'
      fill.style.width = `${((Math.abs(value) / greatest) * 100).toFixed(1)}%`
      bar.append(fill)
      figure.className = 'bar-value'
      figure.textContent = valueText
      item.append(name, bar, figure)
      return item
    }),
  )
}

/** The course of some values without axes: it says whether something moves. */
export function drawSpark(svg, values) {
  const [width, height] = [140, 30]
  const greatest = Math.max(...values, 1)
  const x = (i) => (i / Math.max(values.length - 1, 1)) * width
  const path = values
    .map(
      (value, i) =>
        `${i === 0 ? 'M' : 'L'}${x(i).toFixed(1)},${(height - 2 - (value / greatest) * (height - 5)).toFixed(1)}`,
    )
    .join('')
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`)
  svg.setAttribute('preserveAspectRatio', 'none')
  svg.replaceChildren(
    draw('path', { class: 'area', d: `${path}L${width},${height}L0,${height}Z` }),
    draw('path', { class: 'line', d: path }),
  )
}
