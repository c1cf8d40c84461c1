import { type Command, Option } from 'commander'
import type { DeploymentChoice } from '#services/live/deployment-report.ts'

/** How a person says what is to become of results whose queries changed. */
export interface DeploymentOptions {
  readonly rebuild?: boolean
  readonly keep?: boolean
  readonly dropRemoved?: boolean
}

export const addDeploymentOptions = (command: Command): Command =>
  command
    .addOption(new Option('--rebuild', 'compute queries that changed anew from the log').conflicts('keep'))
    .option('--keep', 'let queries of which only the output changed go on with their state')
    .option('--drop-removed', 'give up the results of queries that are no longer in the app')

export const choiceOf = ({ rebuild, keep, dropRemoved }: DeploymentOptions): DeploymentChoice => ({
  changed: rebuild === true ? 'rebuild' : keep === true ? 'keep' : 'ask',
  dropRemoved: dropRemoved === true,
})
