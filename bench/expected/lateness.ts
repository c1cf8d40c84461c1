/**
 * Which records count. `nothing-late`: all, as for an engine that reads the whole file. `per-window`: the product's rules 2.2, 2.3 and 2.5: a record is left out of
 * the windows that end at or before the watermark in front of it, and `complete` queries keep theirs open. `drop-late-by-group`: each group of a query has
 * a watermark of its own, and a record behind it counts in no window.
 */
export const latenessRules = ['nothing-late', 'per-window', 'drop-late-by-group'] as const

export type LatenessRule = (typeof latenessRules)[number]
