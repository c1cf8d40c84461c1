import type { Choice, Dashboard, Panel, Row } from './dashboard.ts'

const COLUMNS = 24
const ROW_TITLE_HEIGHT = 1
const HEIGHT = { now: 4, time: 8 } as const
const WIDTH = { now: 4, time: 12 } as const
/** Chosen at the top of the page, so that the file names no data source. */
const DATA_SOURCE = { type: 'prometheus', uid: '$source' } as const

/** A dashboard as a file that Grafana 10 and later read. */
export function grafanaJson({ name, title, choices, rows }: Dashboard): string {
  const dashboard = {
    uid: `mysimbdp-${name}`,
    title,
    tags: ['mysimbdp'],
    schemaVersion: 39,
    editable: true,
    timezone: 'browser',
    time: { from: 'now-30m', to: 'now' },
    refresh: '10s',
    templating: { list: [sourceChoice, ...choices.map(labelChoice)] },
    panels: placed(rows),
  }
  return `${JSON.stringify(dashboard, null, 2)}\n`
}

const sourceChoice = { name: 'source', label: 'Prometheus', type: 'datasource', query: 'prometheus' }

const labelChoice = ({ label, of }: Choice) => ({
  name: label,
  label,
  type: 'query',
  datasource: DATA_SOURCE,
  query: { query: `label_values(${of}, ${label})`, refId: label },
  refresh: 2,
  includeAll: true,
  multi: true,
  allValue: '.*',
  current: { text: 'All', value: '$__all' },
})

/** Rows one under the other; the panels of a row from left to right, in as many lines as they need. */
function placed(rows: readonly Row[]): readonly object[] {
  const panels: object[] = []
  let y = 0
  for (const { title, panels: ofRow } of rows) {
    panels.push({ id: panels.length + 1, type: 'row', title, gridPos: { h: ROW_TITLE_HEIGHT, w: COLUMNS, x: 0, y } })
    y += ROW_TITLE_HEIGHT
    let x = 0
    let lineHeight = 0
    for (const panel of ofRow) {
      const w = WIDTH[panel.shows]
      if (x + w > COLUMNS) {
        y += lineHeight
        x = lineHeight = 0
      }
      const h = HEIGHT[panel.shows]
      panels.push({ id: panels.length + 1, ...panelJson(panel), gridPos: { h, w, x, y } })
      x += w
      lineHeight = Math.max(lineHeight, h)
    }
    y += lineHeight
  }
  return panels
}

const panelJson = ({ title, description, unit, shows, lines }: Panel) => ({
  type: shows === 'now' ? 'stat' : 'timeseries',
  title,
  description,
  datasource: DATA_SOURCE,
  fieldConfig: {
    defaults: {
      unit,
      min: unit === 'dateTimeAsIso' ? undefined : 0,
      custom: shows === 'now' ? {} : { fillOpacity: 8 },
    },
    overrides: [],
  },
  options:
    shows === 'now'
      ? { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'value', graphMode: 'area' }
      : { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
  targets: lines.map(({ query, legend }, i) => ({
    refId: String.fromCharCode('A'.charCodeAt(0) + i),
    datasource: DATA_SOURCE,
    expr: query,
    legendFormat: legend,
  })),
})
