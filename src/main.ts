import { runCli } from '#controlplane/cli/cli.ts'
import { processTerminal } from '#controlplane/cli/terminal.ts'
import { environmentVariables } from '#foundation/environment/variables.ts'
import { systemClock } from '#foundation/time/clock.ts'
import { embeddedPlatform, knownEngines, loweredTexts, platformOf, serverChecksOf } from './wiring.ts'

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that goes away, as in `mysimbdp generate … | head`, is no error.
  if (error.code === 'EPIPE') process.exit(0)
  process.stderr.write(`error the output cannot be written: ${error.message}\n`)
  process.exit(3)
})

// What is for people may be lost; results and the exit code must not be.
process.stderr.on('error', () => {})

const untilStopped = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })

const beforeKilled = (work: () => void): (() => void) => {
  const end = (signal: NodeJS.Signals): void => {
    stop()
    work()
    process.kill(process.pid, signal)
  }
  const stop = (): void => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, end)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end)
  return stop
}

process.exitCode = await runCli(process.argv.slice(2), {
  platform: embeddedPlatform,
  platformOf,
  serverChecksOf,
  variables: environmentVariables('MYSIMBDP_'),
  engines: knownEngines,
  loweredTexts,
  terminal: processTerminal,
  clock: systemClock,
  threadEntry: new URL('./worker.ts', import.meta.url),
  untilStopped,
  beforeKilled,
})
