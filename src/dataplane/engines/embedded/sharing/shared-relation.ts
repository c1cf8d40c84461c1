import type { Expression } from '#language/expressions/expression.ts'
import type { Columns } from '#language/plan/check-plan.ts'
import type { PlanNode } from '#language/plan/plan.ts'
import type { Window } from '#language/windows/window.ts'
import { windowPanes } from '#language/windows/window-panes.ts'
import type { LoggedBatch } from '../../../records/record-batch.ts'
import {
  compileColumn,
  compileRelation,
  type DeduplicatingSteps,
  type Relation,
  type RelationBatch,
} from '../compile/relation.ts'
import { KeyCodes } from './key-codes/key-codes.ts'
import { PaneRuns } from './pane-runs.ts'
import { SharedArgument } from './shared-argument.ts'

/** A stream after some filters and projections, with what queries over it have in common. */
export class SharedRelation {
  readonly #relation: Relation
  readonly #arguments = new Map<string, SharedArgument>()
  readonly #keyCodes = new Map<string, KeyCodes>()
  readonly #paneRuns = new Map<string, PaneRuns>()
  #logged: LoggedBatch | null = null
  #input: RelationBatch | null = null

  /** @param deduplication as in `compileRelation` */
  constructor(nodes: readonly PlanNode[], deduplication: DeduplicatingSteps | null = null) {
    this.#relation = compileRelation(nodes, deduplication)
  }

  get columns(): Columns {
    return this.#relation.columns
  }

  /** The rows of a batch that are in the relation; valid until the next batch. */
  of(logged: LoggedBatch): RelationBatch {
    if (this.#logged !== logged) {
      this.#logged = logged
      this.#input = this.#relation.apply(logged.batch)
    }
    return this.#input!
  }

  argument(expression: Expression): SharedArgument {
    const key = JSON.stringify(expression)
    const known = this.#arguments.get(key) ?? new SharedArgument(compileColumn(expression, this.columns))
    this.#arguments.set(key, known)
    return known
  }

  /** At least one field. */
  keyCodes(groupBy: readonly string[]): KeyCodes {
    const key = JSON.stringify(groupBy)
    const fields = groupBy.map((name) => ({ name, type: this.columns.get(name)! }))
    const known = this.#keyCodes.get(key) ?? new KeyCodes(fields)
    this.#keyCodes.set(key, known)
    return known
  }

  paneRuns(window: Exclude<Window, { kind: 'session' }>): PaneRuns {
    const key = JSON.stringify(window)
    const known = this.#paneRuns.get(key) ?? new PaneRuns(windowPanes(window))
    this.#paneRuns.set(key, known)
    this.#chainByLength()
    return known
  }

  /** Runs of longer panes follow from those of shorter ones. */
  #chainByLength(): void {
    const byLength = [...this.#paneRuns.values()].sort((a, b) => a.paneMs - b.paneMs)
    for (const [i, runs] of byLength.entries()) runs.finer = byLength[i - 1] ?? null
  }
}
