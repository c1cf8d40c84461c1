import type { BenchRun } from '../bench-run.ts'
import { measureDuckDbOnOneCore } from '../cases/peers.ts'
import { YARDSTICK } from '../report/targets.ts'

/** Of the input on which the yardstick stands on the reference machine. */
const REFERENCE_RECORDS = 2_000_000

/**
 * Measures DuckDB, by which machines are compared. The yardstick holds starting spread over the reference's records, which weighs more over the fewer ones of this bench: it is spread over as
 * many here, by what the slope says that starting takes. The quick bench, which knows no slope, has wide bounds instead.
 */
export async function measureYardstick(run: BenchRun): Promise<void> {
  await measureDuckDbOnOneCore(run)
  if (run.mode === 'quick') return
  const total = run.figure(YARDSTICK.figure)
  const slope = run.figure('duckdb.one-core.cpu').value
  const samples = total.samples.map((cost) => slope + ((cost - slope) * run.sizes.large) / REFERENCE_RECORDS)
  run.figures.splice(run.figures.indexOf(total), 1)
  run.add({ ...total, title: 'one core: CPU with start, over 2,000,000 records by the slope', samples })
}
