import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LocalBroker } from '#dataplane/brokers/local/local-broker.ts'
import { systemClock } from '#foundation/time/clock.ts'
import { runBounded } from '#services/runs/bounded-run.ts'
import taxi from '../../examples/chicago-taxi/app.ts'
import { embeddedPlatform } from '../../src/wiring.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { commandLine, EXIT, type Said } from './product-process.ts'

export const APP = 'examples/chicago-taxi'
/** More than one transaction of the log takes: only between two a segment ends. */
const RECORDS = 100_000
/** So small that the log has several segments. */
const SEGMENT_BYTES = 50_000
const PARTITION = 'log/tenantstreamapp_ingestData/partition-0'

/** The command that made the finished run in a folder. */
export const commandOf = (data: string, records = RECORDS): readonly string[] => [
  'run',
  APP,
  ...['--records', String(records), '--faults', '0.01', '--data', data, '--format', 'json'],
]
export const run = (data: string, records = RECORDS): Promise<Said> => commandLine(...commandOf(data, records))
export const rebuild = (data: string, ...args: readonly string[]): Promise<Said> =>
  commandLine('rebuild', APP, '--data', data, ...args)

/** Paths of a run's segments, in order. */
export const segmentsOf = (data: string): readonly string[] =>
  readdirSync(join(data, PARTITION))
    .filter((name) => /^segment-\d+\.db$/.test(name))
    .sort()
    .map((name) => join(data, PARTITION, name))

type Hook = (work: () => void | Promise<void>) => void

/** Copies of one finished run, to be harmed, and the document that each repaired one must give. Takes the hooks of a suite. */
export function useFinishedRun({ before, after }: { readonly before: Hook; readonly after: Hook }): {
  readonly withRun: (work: (data: string, document: string) => Promise<void>) => Promise<void>
} {
  const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-finished-run-'))
  const original = join(folder, 'run')
  let document = ''
  before(async () => {
    await runIn(original)
    const { status, stdout, stderr } = await run(original)
    assert.equal(status, EXIT.done, stderr)
    document = stdout
  })
  after(() => rmSync(folder, { recursive: true, force: true }))
  return {
    withRun: (work) =>
      withScratchFolder(async (scratch) => {
        const data = join(scratch, 'run')
        cpSync(original, data, { recursive: true })
        await work(data, document)
      }),
  }
}

async function runIn(data: string): Promise<void> {
  const { sample } = taxi.streams.ingestData!
  const platform = {
    ...embeddedPlatform,
    openBroker: (folder: string) => new LocalBroker({ folder: join(folder, 'log'), segmentBytesMax: SEGMENT_BYTES }),
  }
  const source = platform.openSample('ingestData', sample!, { ...sample!.defaults, records: RECORDS, faults: 0.01 })
  const inputs = new Map([['ingestData', [source]]])
  await runBounded({ app: taxi, inputs, lateness: 'none', folder: data, kept: true, platform, clock: systemClock })
}
