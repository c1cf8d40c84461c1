import { formatTimestamp, valueJson } from '#language/schemas/value-text.ts'
import type { Span } from '#language/windows/window-panes.ts'
import type { Aggregation } from '../compile/aggregation.ts'
import type { ResultRow } from '../state/job-store.ts'
import type { Group } from './group-keys.ts'
import type { Aggregates } from './window-merge.ts'

/** What a row needs of a group. */
export type GroupTexts = Pick<Group, 'key' | 'fields'>

/** Writes rows of windows (semantics 6.1) and their keys (6.4). */
export class RowTexts {
  readonly #results: Aggregation['results']
  readonly #grouped: boolean
  readonly #timeZone: string
  /** What stands before the value of each result field. */
  readonly #fieldTexts: readonly string[]

  constructor({ results, groupBy }: Pick<Aggregation, 'results' | 'groupBy'>, timeZone: string) {
    this.#results = results
    this.#grouped = groupBy.length > 0
    this.#timeZone = timeZone
    this.#fieldTexts = results.map(({ name }, i) => `${i === 0 ? '' : ','}${JSON.stringify(name)}:`)
  }

  /** How all rows of a window begin. */
  beginning({ start, end }: Span): string {
    const zone = this.#timeZone
    return `{"window":{"start":"${formatTimestamp(start, zone)}","end":"${formatTimestamp(end, zone)}"},`
  }

  row(window: Span, beginning: string, { key, fields }: GroupTexts, aggregates: Aggregates): ResultRow {
    return {
      key: this.key(window, key),
      windowStart: window.start,
      windowEnd: window.end,
      row: beginning + fields + this.#resultFields(aggregates),
    }
  }

  #resultFields(aggregates: Aggregates): string {
    const results = this.#results
    let text = ''
    for (let i = 0; i < results.length; i++) {
      const { type, evaluate } = results[i]!
      text += this.#fieldTexts[i]! + valueJson(evaluate(aggregates), type, this.#timeZone)
    }
    return `${text}}`
  }

  key({ start }: Span, groupKey: string): string {
    return this.#grouped ? `${start}|${groupKey}` : String(start)
  }
}
