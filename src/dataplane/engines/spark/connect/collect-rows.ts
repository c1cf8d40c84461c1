import { textsOfArrowStream } from './arrow-text-column.ts'
import type { RelationInit, SparkSession } from './spark-session.ts'

/** Each row as one JSON text, by Spark itself: so that nothing but a column of texts has to be read from Arrow, and no decimal passes through a double. */
const AS_JSON = `to_json(struct(*), map('ignoreNullFields', 'false'))`

/**
 * The rows of a relation that is no stream, each as JSON text with nulls in it.
 * @throws what `SparkSession` throws
 */
export async function collectJson(
  session: SparkSession,
  relation: RelationInit,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const expressions = [{ exprType: { case: 'expressionString' as const, value: { expression: AS_JSON } } }]
  const value = { relType: { case: 'project' as const, value: { input: relation, expressions } } }
  const rows: string[] = []
  for await (const { responseType } of session.execute({ plan: { case: 'root', value }, ...(signal && { signal }) }))
    if (responseType.case === 'arrowBatch') rows.push(...textsOfArrowStream(responseType.value.data))
  return rows
}
