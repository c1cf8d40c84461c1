/** What a dashboard shows, without how Grafana writes it down. */
export interface Dashboard {
  /** Its file and its address in Grafana: lower-case words joined by hyphens. */
  readonly name: string
  readonly title: string
  /** What Grafana asks Prometheus for to fill choices at the top of the page: a label of a series. */
  readonly choices: readonly Choice[]
  readonly rows: readonly Row[]
}

export interface Choice {
  readonly label: string
  readonly of: string
}

export interface Row {
  readonly title: string
  readonly panels: readonly Panel[]
}

export interface Panel {
  readonly title: string
  /** What somebody who has not seen it before should know. */
  readonly description: string
  readonly unit: Unit
  /** `now` is a single large figure, `time` a line for each series. */
  readonly shows: 'now' | 'time'
  readonly lines: readonly Line[]
}

/** In PromQL. `$range` is a span that holds some scrapes; a choice is compared with `=~"$label"`. */
export interface Line {
  readonly query: string
  /** Grafana's form: `{{label}}` is the value of a label. */
  readonly legend: string
}

/** Names of Grafana's units. */
export type Unit = 'short' | 'none' | 'bytes' | 'Bps' | 'cps' | 's' | 'percentunit' | 'dateTimeAsIso'

/** The span of time that Grafana chooses by the scrape interval. */
export const RANGE = '$__rate_interval'

type PanelText = Pick<Panel, 'title' | 'description' | 'unit'>

export const overTime = (text: PanelText, ...lines: readonly Line[]): Panel => ({ ...text, shows: 'time', lines })

export const now = (text: PanelText, query: string): Panel => ({
  ...text,
  shows: 'now',
  lines: [{ query, legend: '' }],
})

export const line = (query: string, legend: string): Line => ({ query, legend })

/** How fast a counter grows, by the labels named. */
export const rateBy = (series: string, ...labels: readonly string[]): string =>
  `sum by (${labels.join(', ')}) (rate(${series}[${RANGE}]))`
