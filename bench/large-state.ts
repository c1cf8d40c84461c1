import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { app, count, int, long, schema, stream, sum, timestamp, tumbling } from 'mysimbdp'
import type { Source } from '#dataplane/sources/source.ts'
import { systemClock } from '#foundation/time/clock.ts'
import { runBounded } from '#services/runs/bounded-run.ts'
import { embeddedPlatform } from '../src/wiring.ts'

/**
 * More groups than memory has room for: each group of each window gets two records, the second one when all have had the first, in another order. Every row is
 * checked. Prints a JSON line with time, memory and the size of the state file.
 *
 * node bench/large-state.ts [--groups 1000000] [--windows 1] [--state-memory <MiB>] [--kept]
 */
const { values } = parseArgs({
  options: {
    groups: { type: 'string', default: '1000000' },
    windows: { type: 'string', default: '1' },
    'state-memory': { type: 'string' },
    kept: { type: 'boolean', default: false },
  },
})
const groups = Number(values.groups)
const windows = Number(values.windows)
const HOUR_MS = 3_600_000
const CHUNK_BYTES = 64 * 1024
/** A prime that divides no number of groups in use: its multiples meet each group once. */
const STRIDE = 1_000_003

const events = stream('events', {
  schema: schema('event', { at: timestamp(), id: long(), amount: int() }),
  eventTime: 'at',
  watermark: '10 seconds',
})
const largeState = app(
  'large',
  { timeZone: 'UTC' },
  {
    perId: events
      .window(tumbling('1 hour'))
      .groupBy('id')
      .aggregate({ events: count(), amount: sum('amount') })
      .output('append'),
  },
)

const amountOf = (group: number): number => group % 1000

function* lines(): Iterable<string> {
  for (const round of [0, 1])
    for (let i = 0; i < groups; i++) {
      const group = round === 0 ? i : (i * STRIDE) % groups
      const at = new Date((group % windows) * HOUR_MS).toISOString()
      yield `{"at":"${at}","id":${group},"amount":${amountOf(group) + round}}\n`
    }
}

class GeneratedEvents implements Source {
  readonly name = 'generated events'
  readonly format = 'json'
  readonly progress = 0

  async identity(): Promise<string> {
    return this.stamp()
  }

  stamp(): string {
    return `${groups} groups in ${windows} windows`
  }

  async *chunks(): AsyncIterable<Uint8Array> {
    let text = ''
    for (const line of lines()) {
      text += line
      if (text.length < CHUNK_BYTES) continue
      yield Buffer.from(text)
      text = ''
    }
    yield Buffer.from(text)
  }

  parts(): null {
    return null
  }

  partRead(): void {}
}

/** Answers how many rows there are; throws at one that is wrong. */
function checkedRows(folder: string): number {
  const results = embeddedPlatform.openResults(folder)
  let rows = 0
  for (const { row } of results.rows('perId')) {
    const { id, events: records, amount } = JSON.parse(row) as { id: number; events: number; amount: number }
    if (records !== 2 || amount !== 2 * amountOf(id) + 1) throw new Error(`wrong row: ${row}`)
    rows++
  }
  results.close()
  if (rows !== groups) throw new Error(`${rows} rows instead of ${groups}`)
  return rows
}

const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-bench-'))
const startedMs = systemClock.monotonicMs()
try {
  await runBounded({
    app: largeState,
    inputs: new Map([['events', [new GeneratedEvents()]]]),
    lateness: 'none',
    folder,
    kept: values.kept,
    platform: embeddedPlatform,
    clock: systemClock,
    workingThreads: 1,
    ...(values['state-memory'] !== undefined && { stateMemoryBytes: Number(values['state-memory']) * 2 ** 20 }),
  })
  const { user, system } = process.cpuUsage()
  const seconds = (systemClock.monotonicMs() - startedMs) / 1000
  const rssMegabytes = process.resourceUsage().maxRSS / 1024
  const stateFileMegabytes = statSync(join(folder, 'job.db')).size / 2 ** 20
  const cpuSeconds = (user + system) / 1e6
  console.log(
    JSON.stringify({ rows: checkedRows(folder), seconds, cpuSeconds, rssMegabytes, stateFileMegabytes }, (_, value) =>
      typeof value === 'number' ? Math.round(value * 10) / 10 : value,
    ),
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
