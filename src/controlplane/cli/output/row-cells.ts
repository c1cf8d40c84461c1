export interface Cell {
  /** As it is written in the row; null for null. */
  readonly text: string | null
  readonly isNumber: boolean
}

/** The cells of a row by column name. The window becomes two columns. */
export function rowCells(row: string): ReadonlyMap<string, Cell> {
  const cells = new Map<string, Cell>()
  JSON.parse(row, function (this: unknown, key: string, value: unknown, context?: { readonly source?: string }) {
    if (key === '' || (typeof value === 'object' && value !== null)) return value
    const name = key === 'start' || key === 'end' ? `window_${key}` : key
    const text = value === null ? null : typeof value === 'string' ? value : (context?.source ?? String(value))
    cells.set(name, { text, isNumber: typeof value === 'number' })
    return value
  } as never)
  return cells
}
