import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { type AppPlan, sourceOf, streamsOf } from '#language/plan/plan.ts'
import { type PlanDifference, planDifference } from '#language/plan/plan-difference.ts'
import type { App } from '#language/query/app.ts'
import type { Schema } from '#language/schemas/schema.ts'
import { schemaDifference } from '#language/schemas/schema-difference.ts'
import type { PendingChange } from './app-folder.ts'

/** What is to become of the results of queries that changed, and of those that are no more. */
export interface DeploymentChoice {
  /** `ask`: refuse, and say what changed. `keep`: only where that is possible. */
  readonly changed: 'ask' | 'rebuild' | 'keep'
  /** Whether the results of queries that are no longer in the app may go. */
  readonly dropRemoved: boolean
}

/** What the records of a stream are like. */
export interface RecordShape {
  readonly schema: Schema
  readonly eventTime: string
}

/** What a deployment did, or would do. */
export interface DeploymentReport extends PlanDifference {
  readonly app: string
  readonly isNew: boolean
  readonly pending: PendingChange
}

const NO_DIFFERENCE: PlanDifference = { unchanged: [], added: [], removed: [], changed: [] }

/** An app that was not there before, or of which nobody knows any more what it was: what is stored of it then only goes if it may. */
export function firstDeployment(plan: AppPlan, { changed }: DeploymentChoice): DeploymentReport {
  const added = plan.queries.map(({ name }) => name)
  const pending = { rebuild: changed === 'rebuild' ? added : [], keep: [] }
  return { ...NO_DIFFERENCE, app: plan.name, isNew: true, added, pending }
}

/**
 * Puts a version of an app beside the one that is deployed (semantics 7.4: old state never meets a new meaning).
 * @throws MSB_APP_CHANGED when a choice is missing, saying what changed
 */
export function deploymentReport(
  before: AppPlan,
  after: AppPlan,
  choice: DeploymentChoice,
  pendingBefore: PendingChange,
): DeploymentReport {
  const difference = planDifference(before, after)
  requireChoice(after.name, difference, choice)
  const pending = pendingAfter(difference, choice.changed === 'keep', pendingBefore)
  return { ...difference, app: after.name, isNew: false, pending }
}

/** What is to be done with what is stored: of this deployment, and of those before whose job has not begun yet. */
function pendingAfter(
  { unchanged, added, changed }: PlanDifference,
  keeps: boolean,
  before: PendingChange,
): PendingChange {
  const changedNames = changed.map(({ query }) => query)
  const stay = [...unchanged, ...changedNames]
  const rebuild = [
    ...before.rebuild.filter((query) => stay.includes(query)),
    ...(keeps ? [] : changedNames),
    // A query of that name that was taken away while the job did not run has left its state.
    ...added,
  ]
  const keep = [...before.keep.filter((query) => stay.includes(query)), ...(keeps ? changedNames : [])]
  return { rebuild: [...new Set(rebuild)], keep: [...new Set(keep)].filter((query) => !rebuild.includes(query)) }
}

/**
 * A log takes the records of one schema, also that of a stream that was taken away and comes back.
 * @param known what is known of streams of this app: those of the version before, and those that have a log
 * @throws MSB_APP_MISMATCH
 */
export function requireSameRecords(after: AppPlan, known: ReadonlyMap<string, RecordShape>): void {
  for (const { output } of after.queries) {
    const { stream, schema, eventTime } = sourceOf(output)
    const old = known.get(stream)
    if (old === undefined) continue
    const difference =
      schemaDifference(old.schema, schema) ??
      (old.eventTime === eventTime ? undefined : `its event time is '${old.eventTime}', and '${eventTime}' here`)
    if (difference !== undefined)
      throw new MysimbdpError(
        'MSB_APP_MISMATCH',
        `stream '${stream}' of the deployed app '${after.name}' has another schema: ${difference}`,
      )
  }
}

function requireChoice(app: string, { changed, removed }: PlanDifference, choice: DeploymentChoice): void {
  const undecided =
    choice.changed === 'ask' ? changed : choice.changed === 'keep' ? changed.filter(({ canKeep }) => !canKeep) : []
  const sentences = undecided.map(
    ({ query, before, after }) => `query '${query}' said «${saying(before)}» and now says «${saying(after)}»`,
  )
  if (!choice.dropRemoved) for (const query of removed) sentences.push(`query '${query}' is no longer there`)
  if (sentences.length === 0) return
  const keepable = undecided.length > 0 && undecided.every(({ canKeep }) => canKeep)
  const ways = [
    ...(undecided.length > 0 ? ['--rebuild computes the changed queries anew from the log'] : []),
    ...(keepable ? ['--keep goes on with the state they have, since only their output changed'] : []),
    ...(!choice.dropRemoved && removed.length > 0
      ? ['--drop-removed gives up the results of those that are gone']
      : []),
  ]
  throw new MysimbdpError('MSB_APP_CHANGED', `app '${app}' is not the one that is deployed: ${sentences.join('; ')}`, {
    hint: `Deploy it again and say what is to become of their results: ${ways.join('; ')}.`,
  })
}

const saying = (lines: readonly string[]): string => lines.map((line) => line.trim()).join(' · ')

/** Whether ingest can go on as it is: it knows nothing of queries. */
export function sameStreams(one: App, other: App): boolean {
  const textOf = ({ plan, streams }: App): string =>
    JSON.stringify([
      [...streamsOf(plan).values()],
      Object.values(streams).map(({ sample: _code, ...extras }) => extras),
    ])
  return textOf(one) === textOf(other)
}
