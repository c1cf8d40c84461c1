import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { SampleOptions } from '#language/query/stream.ts'
import type { CliContext } from '../context.ts'
import { loadApp } from '../load-app.ts'

interface GenerateOptions {
  readonly stream?: string
  readonly records?: string
  readonly seed?: string
  readonly date?: string
  readonly faults?: string
  readonly out?: string
}

export function addGenerateCommand(program: Command, _context: CliContext): void {
  program
    .command('generate')
    .argument('<app>', 'folder of an app, or its file')
    .description("write an app's generated sample as NDJSON")
    .option('--stream <name>', 'the stream, when the app has several')
    .option('--records <n>', 'how many records')
    .option('--seed <n>', 'the same seed gives the same records')
    .option('--date <date>', 'local date, YYYY-MM-DD')
    .option('--faults <share>', 'share of further records that are faulty, 0 to 1')
    .option('--out <file>', 'a file instead of the standard output')
    .action(generate)
}

async function generate(path: string, options: GenerateOptions): Promise<void> {
  const app = await loadApp(path)
  const stream = options.stream ?? Object.keys(app.streams)[0]!
  const sample = app.streams[stream]?.sample ?? null
  if (sample === null) throw new MysimbdpError('MSB_CLI_USAGE', `app '${app.plan.name}' has no generated sample of a stream '${stream}'`)
  const chosen: SampleOptions = {
    ...sample.defaults,
    ...(options.records !== undefined && { records: Number(options.records) }),
    ...(options.seed !== undefined && { seed: Number(options.seed) }),
    ...(options.date !== undefined && { date: options.date }),
    ...(options.faults !== undefined && { faults: Number(options.faults) }),
  }
  const target = options.out === undefined ? process.stdout : createWriteStream(options.out)
  await pipeline(Readable.from(chunked(sample.generate(chosen))), target, { end: options.out !== undefined })
}

const CHUNK_LINES = 500

/** Lines in pieces: a write for each line would take most of the time. */
function* chunked(lines: Iterable<string>): Iterable<string> {
  let chunk: string[] = []
  for (const line of lines) {
    if (chunk.push(line) < CHUNK_LINES) continue
    yield `${chunk.join('\n')}\n`
    chunk = []
  }
  if (chunk.length > 0) yield `${chunk.join('\n')}\n`
}
