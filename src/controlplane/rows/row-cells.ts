export interface Cell {
  /** As it is written in the row; null for null. */
  readonly text: string | null
  readonly isNumber: boolean
}

type Row = Readonly<Record<string, Cell>> & { readonly window?: { readonly start: Cell; readonly end: Cell } }

/** The cells of a row by column name. The window becomes two columns. */
export function rowCells(row: string): ReadonlyMap<string, Cell> {
  const { window, ...cells } = JSON.parse(row, toCell as never) as Row
  const times: [string, Cell][] =
    window === undefined
      ? []
      : [
          ['window_start', window.start],
          ['window_end', window.end],
        ]
  return new Map([...times, ...Object.entries(cells as Record<string, Cell>)])
}

/** A value as a cell; objects stay what they are. */
function toCell(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value === 'object' && value !== null) return value
  if (value === null) return { text: null, isNumber: false }
  return {
    text: typeof value === 'string' ? value : (context?.source ?? String(value)),
    isNumber: typeof value === 'number',
  }
}
