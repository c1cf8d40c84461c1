/**
 * How a batch lies in the log: a header (format, whether there are positions; rows, columns), a directory (where each column begins, counted from
 * the header), the positions, and the columns. A column is a header (layout, encoding, whether there are nulls, decimals; count, least value), the
 * nulls, and its values.
 */
export const BATCH_FORMAT = 2

export const layouts = ['float64', 'int32', 'bigint64', 'boolean', 'dictionary', 'text'] as const
export const layoutNumbers = { float64: 0, int32: 1, bigint64: 2, boolean: 3, dictionary: 4, text: 5 } as const

/** How the values of a column are written; the widths of a frame, 0, 1, 2, 4 and 6, stand for themselves. */
export const RAW = 8
export const DISTINCT = 9
export const HEX = 10
