import { durationText } from '#foundation/time/duration.ts'
import { expressionText } from '../expressions/expression-text.ts'
import { typeName } from '../schemas/field-types.ts'
import type { Window } from '../windows/window.ts'
import type { Capabilities } from './capabilities.ts'
import { outputColumns } from './check-plan.ts'
import { type AppPlan, nodesOf, type OutputNode, type PlanNode, type PlanNodeKind, type QueryPlan } from './plan.ts'
import { unsupportedParts } from './unsupported-parts.ts'

/** The plan in words, source first, with what each engine cannot run. Stable text: golden tests hold it. */
export function explain(plan: AppPlan, engines: readonly Capabilities[]): string {
  const lines = [`app ${plan.name}, time zone ${plan.timeZone}`]
  for (const query of plan.queries) lines.push('', ...explainQuery(query))
  lines.push('', ...engines.flatMap((engine) => explainSupport(plan, engine)))
  return `${lines.join('\n')}\n`
}

function explainQuery(query: QueryPlan): readonly string[] {
  const nodes = nodesOf(query.output)
  const steps = explainNodes(query.output).map((line) => `  ${line}`)
  const row = [...outputColumns(query.output)].map(([name, type]) => `${name} ${typeName(type)}`)
  const windowed = nodes.some((node) => node.kind === 'WindowAggregate')
  return [
    `query ${query.name} -> table ${query.table}`,
    ...steps,
    `  row: ${[...(windowed ? ['window'] : []), ...row].join(', ')}`,
  ]
}

/** The steps of a query in words, source first; what belongs to a step is indented. */
export const explainNodes = (output: OutputNode): readonly string[] =>
  nodesOf(output).flatMap((node) => explainNode(node).map((line, i) => (i === 0 ? line : `    ${line}`)))

type NodeTexts = { readonly [K in PlanNodeKind]: (node: Extract<PlanNode, { kind: K }>) => readonly string[] }

const nodeTexts: NodeTexts = {
  Source: (node) => [
    `read ${node.stream}: event time ${node.eventTime}, ${node.watermarkDelayMs === null ? 'no watermark (nothing is late, nothing closes)' : `watermark ${durationText(node.watermarkDelayMs)}`}`,
    `${node.maxFutureSkewMs === null ? 'no limit on' : `at most ${durationText(node.maxFutureSkewMs)} of`} event time ahead of arrival; bad records: ${node.badRecords}`,
  ],
  Filter: (node) => [`filter ${expressionText(node.predicate)}`],
  Project: (node) => [
    `columns ${node.columns.map(({ name, expression }) => (expression.kind === 'Field' && expression.name === name ? name : `${name} = ${expressionText(expression)}`)).join(', ')}`,
  ],
  Deduplicate: (node) => [`deduplicate by ${node.keys.join(', ')} within the watermark`],
  WindowAggregate: (node) => [
    `window ${windowText(node.window)}${node.groupBy.length === 0 ? '' : `, group by ${node.groupBy.join(', ')}`}`,
    ...node.columns.map(({ name, expression }) => `${name} = ${expressionText(expression)}`),
  ],
  Output: (node) => [
    `output ${node.mode}${node.mode !== 'complete' ? '' : node.keepMs === null ? ', rows stay for ever' : `, rows stay ${durationText(node.keepMs)}`}`,
  ],
}

const explainNode = (node: PlanNode): readonly string[] =>
  (nodeTexts[node.kind] as (node: PlanNode) => readonly string[])(node)

export function windowText(window: Window): string {
  const shifted = 'offsetMs' in window && window.offsetMs !== 0 ? ` shifted by ${durationText(window.offsetMs)}` : ''
  switch (window.kind) {
    case 'tumbling':
      return `tumbling ${durationText(window.sizeMs)}${shifted}`
    case 'sliding':
      return `sliding ${durationText(window.sizeMs)} every ${durationText(window.slideMs)}${shifted}`
    case 'session':
      return `session with a gap of ${durationText(window.gapMs)}`
    case 'calendar':
      return `calendar ${window.unit} in ${window.timeZone}`
  }
}

function explainSupport(plan: AppPlan, engine: Capabilities): readonly string[] {
  const parts = unsupportedParts(plan, engine)
  if (parts.length === 0) return [`engine ${engine.engine}: runs all of it`]
  return [
    `engine ${engine.engine}: cannot run`,
    ...parts.map(({ query, part, reason }) => `  query ${query}: ${part}: ${reason}`),
  ]
}
