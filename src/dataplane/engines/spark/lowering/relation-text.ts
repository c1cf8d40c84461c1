import type { RelationInit } from '../connect/spark-session.ts'

/** The steps of a lowered relation above its count of accepted records, source first, each in a line and its columns in lines below. */
export function relationLines(relation: RelationInit): readonly string[] {
  const lines: string[] = []
  for (let node: RelationInit | undefined = relation; node !== undefined; ) {
    const [text, input] = nodeText(node)
    if (text.length === 0) break
    lines.unshift(...text)
    node = input
  }
  return lines
}

const TEXT_MAX = 160

const short = (sql: string): string => {
  const line = sql.replace(/\s+/g, ' ')
  return line.length <= TEXT_MAX ? line : `${line.slice(0, TEXT_MAX - 1)}…`
}

type Expressions = readonly unknown[] | undefined

/** Texts of SQL, with the name where there is one. */
function sqlOf(expression: unknown): string {
  const { exprType } = expression as { readonly exprType: { readonly case: string; readonly value: unknown } }
  return exprType.case === 'alias'
    ? aliasText(exprType.value)
    : short((exprType.value as { readonly expression: string }).expression)
}

function aliasText(alias: unknown): string {
  const { expr, name, metadata } = alias as {
    readonly expr: unknown
    readonly name: readonly string[]
    readonly metadata?: string
  }
  const sql = sqlOf(expr)
  const marked = metadata === undefined ? '' : ` (marked as event time: ${metadata})`
  return sql.replaceAll('`', '') === name[0] ? sql : `${name[0]} = ${sql}${marked}`
}

const indented = (texts: readonly string[]): readonly string[] => texts.map((text) => `    ${text}`)
const each = (expressions: Expressions): readonly string[] => indented((expressions ?? []).map(sqlOf))

/** Nothing for the end of what is shown. */
function nodeText({ relType }: RelationInit): readonly [readonly string[], RelationInit | undefined] {
  switch (relType?.case) {
    case 'project':
      return [['columns', ...each(relType.value.expressions)], relType.value.input]
    case 'withColumns':
      return [['columns besides', ...indented((relType.value.aliases ?? []).map(aliasText))], relType.value.input]
    case 'filter':
      return [[`keep where ${sqlOf(relType.value.condition)}`], relType.value.input]
    case 'deduplicate': {
      const { columnNames, withinWatermark, input } = relType.value
      const within = withinWatermark === true ? ', within the watermark' : ''
      return [[`drop duplicates of ${(columnNames ?? []).join(', ')}${within}`], input]
    }
    case 'aggregate': {
      const { groupingExpressions, aggregateExpressions, input } = relType.value
      return [[`group by ${(groupingExpressions ?? []).map(sqlOf).join(', ')}`, ...each(aggregateExpressions)], input]
    }
    default:
      return [[], undefined]
  }
}
