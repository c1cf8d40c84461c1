import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { loadApp } from '#services/apps/load-app.ts'
import type { CliContext } from '../context.ts'
import { localDate, requireFolderOf, share, wholeNumber } from '../option-values.ts'
import { cannotWrite } from '../output/cannot-write.ts'
import { chosenSample, type SampleChoice } from '../sample-choice.ts'

const EXAMPLES = `
Examples:
  mysimbdp generate examples/chicago-taxi | head -3
  mysimbdp generate examples/chicago-taxi --records 1000 --faults 0 --out trips.ndjson
`

interface GenerateOptions extends SampleChoice {
  readonly stream?: string
  readonly out?: string
}

export function addGenerateCommand(program: Command, context: CliContext): void {
  program
    .command('generate')
    .argument('<app>', 'folder of an app, or its file')
    .description("write an app's generated sample as NDJSON")
    .option('--stream <name>', 'the stream, when the app has several')
    .option('--records <n>', 'how many records', wholeNumber)
    .option('--seed <n>', 'the same seed gives the same records', wholeNumber)
    .option('--date <date>', 'local date, YYYY-MM-DD', localDate)
    .option('--faults <share>', 'share of further records that are faulty, 0 to 1', share)
    .option('--out <file>', 'a file instead of the standard output')
    .addHelpText('after', EXAMPLES)
    .action((path: string, options: GenerateOptions) => generate(path, options, context))
}

async function generate(path: string, options: GenerateOptions, context: CliContext): Promise<void> {
  const app = await loadApp(path)
  const stream = options.stream ?? Object.keys(app.streams)[0]!
  const sample = app.streams[stream]?.sample ?? null
  if (sample === null)
    throw new MysimbdpError('MSB_CLI_USAGE', `app '${app.plan.name}' has no generated sample of a stream '${stream}'`)
  const chosen = chosenSample(sample, options)
  if (options.out !== undefined) requireFolderOf(options.out)
  const chunks = Readable.from(copies(context.platform.openSample(stream, sample, chosen).chunks()))
  if (options.out === undefined) await pipeline(chunks, process.stdout, { end: false })
  else await writeFile(options.out, chunks)
}

/** A stream takes pieces ahead of writing them, and a piece of a source is valid until the next one is asked for. */
async function* copies(pieces: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  for await (const piece of pieces) yield Uint8Array.from(piece)
}

/** @throws MSB_DISK_FULL, MSB_STORAGE_FAILED, and what the sample's generator throws */
async function writeFile(path: string, chunks: Readable): Promise<void> {
  try {
    await pipeline(chunks, createWriteStream(path))
  } catch (cause) {
    throw cannotWrite(path, cause)
  }
}
