import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { BenchRun } from '../bench-run.ts'
import { addRatio, measureProgram, type Program } from './program.ts'

const peersFolder = fileURLToPath(new URL('../peers/', import.meta.url))
const installed = (path: string): string => `${peersFolder}installed/${path}`

const duckdb = (id: string, title: string, cores: number): Program => ({
  id,
  section: 'DuckDB: reads the whole file, nothing is late',
  title,
  cores,
  queries: 'four',
  lateness: 'nothing-late',
  command: (input, rows) => [
    process.execPath,
    `${peersFolder}duckdb/duckdb-trips.ts`,
    input,
    ...['--threads', String(cores), '--rows', rows],
  ],
})

const flink = (id: string, title: string, cores: number): Program => ({
  id,
  section:
    'Flink 2.3.0: lateness as ours, by a watermark that moves with each record; a checkpoint each second, no log',
  title,
  cores,
  queries: 'four',
  lateness: 'per-window',
  command: (input, rows) => [
    'java',
    `@${peersFolder}flink/java.options`,
    ...['-cp', `${installed('flink/classes')}:${installed('flink/jars/*')}`],
    ...['FourQueries', input, String(cores), rows],
  ],
})

const bytewax: Program = {
  id: 'bytewax.one-core',
  section:
    'Bytewax 0.21.1: each group has its own watermark, and what is behind it counts nowhere; no update mode, no log',
  title: 'one core',
  cores: 1,
  queries: 'four',
  lateness: 'drop-late-by-group',
  command: () => [installed('bytewax/bin/python'), ...['-m', 'bytewax.run', `${peersFolder}bytewax/four_queries.py`]],
  environment: (input, rows) => ({ FILE: input, ROWS: rows }),
}

/** The yardstick by which machines are compared. */
export const measureDuckDbOnOneCore = (bench: BenchRun): Promise<void> =>
  measureProgram(bench, duckdb('duckdb.one-core', 'one core', 1))

/** The yardstick of all ratios, so it comes first. */
export async function measureDuckDb(bench: BenchRun): Promise<void> {
  await measureDuckDbOnOneCore(bench)
  if (bench.mode === 'full') await measureProgram(bench, duckdb('duckdb.two-cores', 'two cores', 2))
}

/** Those that `bench/peers/install.sh` installed. */
export async function measureStreamingPeers(bench: BenchRun): Promise<void> {
  await measureFlink(bench)
  await measureBytewax(bench)
}

async function measureFlink(bench: BenchRun): Promise<void> {
  if (existsSync(installed('flink/classes'))) {
    const oneCore = flink('flink.one-core', 'one core', 1)
    await measureProgram(bench, oneCore)
    compareWithFullPath(bench, oneCore)
    await measureProgram(bench, flink('flink.two-cores', 'two cores', 2))
  } else notInstalled(bench, 'flink')
}

async function measureBytewax(bench: BenchRun): Promise<void> {
  if (existsSync(installed('bytewax/bin/python'))) {
    await measureProgram(bench, bytewax)
    compareWithFullPath(bench, bytewax)
  } else notInstalled(bench, 'bytewax')
}

/** Our path with log and committed results against theirs without. */
function compareWithFullPath(bench: BenchRun, { id, section, title }: Program): void {
  const ours = 'full-path.one-core.cpu'
  if (!bench.has(ours)) return
  const ratio = { id: `${id}.full-path-ratio`, section, title: `${title}: times the CPU of our full path` }
  addRatio(bench, ratio, `${id}.cpu`, ours)
}

const notInstalled = (bench: BenchRun, peer: string): void =>
  void bench.notMeasured.push({ title: peer, reason: `bench/peers/install.sh ${peer} installs it`, failed: false })
