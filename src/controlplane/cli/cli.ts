import { Command, CommanderError } from 'commander'
import { errorCodes } from '#foundation/errors/error-codes.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { version } from '../version.ts'
import { addClusterCommand } from './commands/cluster.ts'
import { addDeadLettersCommand } from './commands/dead-letters.ts'
import { addDeployCommand } from './commands/deploy.ts'
import { addDoctorCommand } from './commands/doctor.ts'
import { addEmulateCommand } from './commands/emulate.ts'
import { addExplainCommand } from './commands/explain.ts'
import { addGenerateCommand } from './commands/generate.ts'
import { addJobsCommand } from './commands/jobs.ts'
import { addLateCommand } from './commands/late.ts'
import { addRebuildCommand } from './commands/rebuild.ts'
import { addResultsCommand } from './commands/results.ts'
import { addRunCommand } from './commands/run.ts'
import { addSchemaCommand } from './commands/schema.ts'
import { addStartCommand } from './commands/start.ts'
import type { CliContext } from './context.ts'
import { errorText, exitCodeOf } from './output/error-text.ts'

/** Every command, in the order of `--help`. A new one is a file and a line. */
const commands = [
  addStartCommand,
  addEmulateCommand,
  addRunCommand,
  addDeployCommand,
  addJobsCommand,
  addDoctorCommand,
  addExplainCommand,
  addSchemaCommand,
  addGenerateCommand,
  addResultsCommand,
  addDeadLettersCommand,
  addLateCommand,
  addRebuildCommand,
  addClusterCommand,
]

const FIRST_STEPS = `
First steps, from the folder of the repository (--help after a command shows more):
  npx mysimbdp run examples/chicago-taxi                 over a generated day; needs no platform
  npx mysimbdp start examples/chicago-taxi --replay      the platform, with generated trips arriving; the same as npm start
  npx mysimbdp doctor                                    in another terminal: how everything is
`

/** Runs a command line; answers the exit code. */
export async function runCli(args: readonly string[], context: CliContext): Promise<number> {
  const program = new Command('mysimbdp')
    .description('Windowed event-time queries over streams, written once in TypeScript.')
    .version(version, '--version', 'print the version')
    .addHelpText('after', FIRST_STEPS)
    .configureOutput({
      outputError: (text, write) =>
        write(`${text.trimEnd().replace(/^error: /, 'error ')}\n  what to do: Run the command with --help.\n`),
    })
    .exitOverride()
  for (const add of commands) add(program, context)
  try {
    await program.parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodeOf(errorCodes.MSB_CLI_USAGE.domain)
    context.terminal.progress('')
    context.terminal.note(errorText(error, context.terminal))
    return exitCodeOf(error instanceof MysimbdpError ? error.domain : 'internal')
  }
}
