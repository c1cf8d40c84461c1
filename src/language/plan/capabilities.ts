import type { AggregateName, FunctionName } from '../expressions/expression.ts'
import type { WindowKind } from '../windows/window.ts'
import type { OutputMode, PlanNodeKind } from './plan.ts'

/** What an engine can run, as data: a new node, aggregate or function does not compile until each engine has answered. */
export interface Capabilities {
  readonly engine: string
  readonly nodes: { readonly [K in PlanNodeKind]: Support }
  readonly windows: { readonly [K in WindowKind]: Support }
  readonly aggregates: { readonly [K in AggregateName]: Support }
  readonly functions: { readonly [K in FunctionName]: Support }
  readonly modes: { readonly [K in OutputMode]: Support }
}

export type Support = { readonly supported: true } | { readonly supported: false; readonly reason: string }

export const supported: Support = { supported: true }
export const unsupported = (reason: string): Support => ({ supported: false, reason })
