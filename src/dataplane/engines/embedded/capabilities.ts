import { type Capabilities, supported, unsupported } from '#language/plan/capabilities.ts'

const LATER = 'sessions and deduplication have their rules (semantics 3.5, 3.6) but no operator yet'

export const embeddedCapabilities: Capabilities = {
  engine: 'embedded',
  nodes: { Source: supported, Filter: supported, Project: supported, Deduplicate: unsupported(LATER), WindowAggregate: supported, Output: supported },
  windows: { tumbling: supported, sliding: supported, session: unsupported(LATER), calendar: supported },
  aggregates: { count: supported, countIf: supported, sum: supported, avg: supported, min: supported, max: supported, first: supported, last: supported },
  functions: {
    equal: supported, notEqual: supported, less: supported, lessOrEqual: supported, greater: supported, greaterOrEqual: supported,
    and: supported, or: supported, not: supported,
    add: supported, subtract: supported, multiply: supported, divide: supported, modulo: supported, negate: supported, abs: supported,
    round: supported, floor: supported, ceil: supported,
    isNull: supported, isNotNull: supported, coalesce: supported,
    lower: supported, upper: supported, trim: supported, length: supported, substring: supported, concat: supported,
    contains: supported, startsWith: supported, endsWith: supported,
    year: supported, month: supported, dayOfMonth: supported, hour: supported, minute: supported, dayOfWeek: supported,
  },
  modes: { append: supported, update: supported, complete: supported },
}
