import { type Capabilities, supported } from '#language/plan/capabilities.ts'
import { supportOf } from '../lowering-table.ts'
import { aggregateLowerings } from './lowering/aggregates.ts'
import { SPARK } from './lowering/engine-name.ts'
import { functionLowerings } from './lowering/functions.ts'
import { nodeLowerings } from './lowering/nodes.ts'
import { modeLowerings } from './lowering/query.ts'
import { windowLowerings } from './lowering/windows.ts'

/** What the lowering tables say. Where Spark's answers differ, semantics section 9 says how. */
export const sparkCapabilities: Capabilities = {
  engine: SPARK,
  nodes: { ...supportOf(nodeLowerings), Output: supported },
  windows: supportOf(windowLowerings),
  aggregates: supportOf(aggregateLowerings),
  functions: supportOf(functionLowerings),
  modes: supportOf(modeLowerings),
}
