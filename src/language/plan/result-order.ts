import { compareUtf8 } from '../expressions/compare-values.ts'
import type { FieldType } from '../schemas/field-types.ts'
import { outputColumns } from './check-plan.ts'
import { type OutputNode, windowAggregateOf } from './plan.ts'

/** What a listing of results is ordered by (semantics 6.5). */
export interface KeyedRow {
  readonly key: string
  readonly windowStart: number | null
}

/** Orders rows by window start, then by each part of the group, nulls first; rows without window by partition and offset. */
export function resultOrder(output: OutputNode): (a: KeyedRow, b: KeyedRow) => number {
  const node = windowAggregateOf(output)
  const columns = outputColumns(output)
  const types: readonly FieldType[] =
    node === undefined ? [{ kind: 'long' }, { kind: 'long' }] : node.groupBy.map((name) => columns.get(name)!)
  const skipped = node === undefined ? 0 : 1
  return (a, b) =>
    (a.windowStart ?? 0) - (b.windowStart ?? 0) || compareParts(a.key.split('|'), b.key.split('|'), types, skipped)
}

/** Rows that come by window start in the full order, holding one window at a time. */
export function* inResultOrder<R extends KeyedRow>(output: OutputNode, rows: Iterable<R>): Iterable<R> {
  const order = resultOrder(output)
  let window: R[] = []
  for (const row of rows) {
    if (window.length > 0 && row.windowStart !== window[0]!.windowStart) {
      yield* window.sort(order)
      window = []
    }
    window.push(row)
  }
  yield* window.sort(order)
}

function compareParts(
  a: readonly string[],
  b: readonly string[],
  types: readonly FieldType[],
  skipped: number,
): number {
  for (const [i, type] of types.entries()) {
    const order = comparePart(a[i + skipped] ?? '', b[i + skipped] ?? '', type)
    if (order !== 0) return order
  }
  return 0
}

const NUMBER = /^-?\d+(?:\.\d+)?$/

function comparePart(a: string, b: string, type: FieldType): number {
  if (a === b) return 0
  if (a === '~') return -1
  if (b === '~') return 1
  // A row that was carried over (semantics 7.5) may have a key of another form.
  const kind = NUMBER.test(a) && NUMBER.test(b) ? type.kind : 'string'
  switch (kind) {
    case 'int':
    case 'timestamp':
      return Number(a) - Number(b)
    case 'long':
    case 'decimal': {
      const [x, y] = [wholeNumber(a), wholeNumber(b)]
      return x < y ? -1 : x > y ? 1 : 0
    }
    default:
      return compareUtf8(unescapePart(a), unescapePart(b))
  }
}

/** Decimals of one type have the same number of digits after the point: without it they order as whole numbers. */
const wholeNumber = (text: string): bigint => BigInt(text.replace('.', ''))

/** Undoes the escapes of a result key part. */
const unescapePart = (part: string): string =>
  part.replace(/%(25|7C|7E)/g, (_escape, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
