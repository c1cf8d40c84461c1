// Values of results as people read them.

/** A number that keeps the digits it was written with: 1.50 stays 1.50. */
export class Figure {
  constructor(value, text) {
    this.value = value
    this.text = text
  }

  toString() {
    const [whole, fraction] = this.text.split('.')
    if (!/^-?\d+$/.test(whole)) return this.text
    return BigInt(whole).toLocaleString('en-US') + (fraction === undefined ? '' : `.${fraction}`)
  }
}

/** JSON in which numbers are figures. */
export const parseFigures = (text) =>
  JSON.parse(text, (_key, value, context) =>
    typeof value === 'number' ? new Figure(value, context?.source ?? String(value)) : value,
  )

export const numberOf = (value) => (value instanceof Figure ? value.value : null)

/** `POINT (-87.62 41.88)` is shown as latitude and longitude, shortened: a place one can look up. */
const POINT = /^POINT \((-?[\d.]+) (-?[\d.]+)\)$/

export function textOf(value) {
  if (value === null) return 'no value'
  const [, longitude, latitude] = POINT.exec(value) ?? []
  if (longitude !== undefined) return `${Number(latitude).toFixed(4)}, ${Number(longitude).toFixed(4)}`
  return String(value)
}

export const nameText = (name) => name.replaceAll('_', ' ')

export const count = (value) => Math.round(value).toLocaleString('en-US')

/** A rate: one decimal while it is small. */
export const rateText = (value) => (value > 0 && value < 9.95 ? value.toFixed(1) : count(value))

/** `1.2k`, for axes. */
export const shortNumber = (value) =>
  Math.abs(value) >= 10_000
    ? new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 }).format(value)
    : new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 }).format(value)

const formats = new Map()

function format(timeZone, options) {
  const key = JSON.stringify([timeZone, options])
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat('en-GB', { timeZone, ...options }))
  return formats.get(key)
}

const TIME = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }
const SHORT_TIME = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }
const DATE = { weekday: 'short', day: 'numeric', month: 'short' }

export const timeText = (ms, timeZone) => format(timeZone, TIME).format(ms)
export const dateText = (ms, timeZone) => format(timeZone, { ...DATE, year: 'numeric' }).format(ms)

/** Times of an axis that spans so many ms, in the tenant's zone. */
export function axisTimeText(ms, spanMs, timeZone) {
  if (spanMs < 10 * 60_000) return format(timeZone, TIME).format(ms)
  if (spanMs < 36 * 3_600_000) return format(timeZone, SHORT_TIME).format(ms)
  return format(timeZone, { day: 'numeric', month: 'short' }).format(ms)
}

/** A window as its start and end: days as dates, shorter ones as times. */
export function windowText({ start, end }, timeZone) {
  const [from, to] = [Date.parse(start), Date.parse(end)]
  const day = format(timeZone, DATE)
  if (start.slice(11, 19) === '00:00:00' && end.slice(11, 19) === '00:00:00')
    return to - from < 26 * 3_600_000 ? day.format(from) : `${day.format(from)} to ${day.format(to - 1)}`
  const precise = to - from >= 600_000 && start.slice(17, 19) === '00' ? SHORT_TIME : TIME
  const time = format(timeZone, precise)
  return `${time.format(from)}–${time.format(to)}`
}

/** The day of a window, where its times alone do not say it. */
export const windowDay = ({ start }, timeZone) => format(timeZone, DATE).format(Date.parse(start))
