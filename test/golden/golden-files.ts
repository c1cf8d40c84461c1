import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { duckdbCapabilities } from '#dataplane/engines/duckdb/capabilities.ts'
import { embeddedCapabilities } from '#dataplane/engines/embedded/capabilities.ts'
import { explain } from '#language/plan/explain.ts'
import type { AppPlan } from '#language/plan/plan.ts'
import { planToJson } from '#language/plan/plan-json.ts'
import type { App } from '#language/query/app.ts'
import { loadScenario, scenarioNames } from '../support/scenario.ts'

/** Texts that only change on purpose. */
export interface GoldenFile {
  /** Inside this folder. */
  readonly name: string
  text(): string
}

const repository = fileURLToPath(new URL('../../', import.meta.url))
const examplesFolder = new URL('../../examples/', import.meta.url)

export interface NamedPlan {
  readonly name: string
  readonly plan: AppPlan
}

/** The apps in `examples/`. */
export async function examplePlans(): Promise<readonly NamedPlan[]> {
  const names = readdirSync(examplesFolder).filter((name) =>
    readdirSync(new URL(name, examplesFolder)).includes('app.ts'),
  )
  return Promise.all(
    names.sort().map(async (name) => {
      const module = (await import(new URL(`${name}/app.ts`, examplesFolder).href)) as { readonly default: App }
      return { name, plan: module.default.plan }
    }),
  )
}

export async function scenarioPlans(): Promise<readonly NamedPlan[]> {
  return Promise.all(scenarioNames().map(async (name) => ({ name, plan: (await loadScenario(name)).plan })))
}

export async function goldenFiles(): Promise<readonly GoldenFile[]> {
  const [examples, scenarios] = [await examplePlans(), await scenarioPlans()]
  return [
    ...[...examples, ...scenarios].map(({ name, plan }) => ({
      name: `${name}.explain.txt`,
      text: () => explain(plan, [embeddedCapabilities, duckdbCapabilities]),
    })),
    ...examples.map(({ name, plan }) => ({ name: `${name}.plan.json`, text: () => `${planToJson(plan, 2)}\n` })),
    { name: 'chicago-taxi.messages.json', text: () => `${JSON.stringify(messageShapes(runChicagoTaxi()), null, 2)}\n` },
  ]
}

/** Standard output of the app on generated trips, as a user gets it. */
function runChicagoTaxi(): unknown {
  const args = ['bin/mysimbdp.js', 'run', 'examples/chicago-taxi', '--records', '200', '--format', 'json']
  return JSON.parse(execFileSync(process.execPath, args, { cwd: repository, encoding: 'utf8', stdio: 'pipe' }))
}

/** For each query the members of its rows, in order, each with the JSON types it has in them. */
function messageShapes(document: unknown): unknown {
  const { queries } = document as { readonly queries: Readonly<Record<string, { readonly rows: readonly unknown[] }>> }
  return Object.fromEntries(Object.entries(queries).map(([name, { rows }]) => [name, shapeOf(rows)]))
}

type Members = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null

function shapeOf(values: readonly unknown[]): unknown {
  if (values.length === 0 || !values.every(isObject)) {
    return [...new Set(values.map((value) => (value === null ? 'null' : typeof value)))].sort().join(' | ')
  }
  const orders = new Set(values.map((value) => Object.keys(value).join(', ')))
  if (orders.size > 1) throw new Error(`rows of one query have different members: ${[...orders].join('; ')}`)
  return Object.fromEntries(Object.keys(values[0]!).map((name) => [name, shapeOf(values.map((value) => value[name]))]))
}
