import { type Capabilities, supported } from '#language/plan/capabilities.ts'
import { supportOf } from '../lowering-table.ts'
import { aggregateLowerings } from './lowering/aggregates.ts'
import { functionLowerings } from './lowering/functions.ts'
import { openWindows } from './lowering/query.ts'
import { relationLowerings } from './lowering/relations.ts'
import { windowLowerings } from './lowering/windows.ts'

/** What the lowering tables say; the batch engine reads bounded input, so its answers are about whole inputs. */
export const duckdbCapabilities: Capabilities = {
  engine: 'duckdb',
  nodes: { ...supportOf(relationLowerings), Output: supported },
  windows: supportOf(windowLowerings),
  aggregates: supportOf(aggregateLowerings),
  functions: supportOf(functionLowerings),
  modes: supportOf(openWindows),
}
