import type { DeploymentReport } from '#services/live/deployment-report.ts'

/** What a deployment did, or would do, for a person. */
export function deploymentText(report: DeploymentReport, { dryRun }: { readonly dryRun: boolean }): string {
  const { app, isNew, unchanged, added, removed, pending } = report
  const verb = dryRun ? 'would be deployed' : 'is deployed'
  const lines = [
    `app '${app}' ${verb}${isNew ? '' : ', in place of the version before'}`,
    ...listed('goes on as before', unchanged),
    ...listed(isNew ? (added.length === 1 ? 'query' : 'queries') : 'new', added),
    ...listed(
      'computed anew from the log',
      pending.rebuild.filter((query) => !added.includes(query)),
    ),
    ...listed('goes on with its state, with another output', pending.keep),
    ...listed('gone, with its results', removed),
  ]
  return `${lines.join('\n')}\n`
}

const listed = (what: string, queries: readonly string[]): readonly string[] =>
  queries.length === 0 ? [] : [`  ${what}: ${queries.join(', ')}`]
