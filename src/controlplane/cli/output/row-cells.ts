/** The cells of a row: column name to text, numbers as they are written in the row. The window becomes two columns; null stays null. */
export function rowCells(row: string): ReadonlyMap<string, string | null> {
  const cells = new Map<string, string | null>()
  JSON.parse(row, function (this: unknown, key: string, value: unknown, context?: { readonly source?: string }) {
    if (key === '' || (typeof value === 'object' && value !== null)) return value
    const name = key === 'start' || key === 'end' ? `window_${key}` : key
    cells.set(name, value === null ? null : typeof value === 'string' ? value : (context?.source ?? String(value)))
    return value
  } as never)
  return cells
}
