import { parseArgs } from 'node:util'
import { simulate } from './simulated-run.ts'

/** `npm run simulate -- --seeds 60 [--from 1]`: seeded histories through the product, compared with the oracle. */
const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '20' }, from: { type: 'string', default: '1' } },
})
const from = Number(values.from)
const totals = { records: 0, late: 0, rejected: 0, crashes: 0 }
let failed = 0
for (let seed = from; seed < from + Number(values.seeds); seed++) {
  const run = await simulate(seed)
  for (const key of ['records', 'late', 'rejected', 'crashes'] as const) totals[key] += run[key]
  const { records, queries, late, rejected, crashes, digest } = run
  console.log(
    `seed ${String(seed).padStart(4)}  ${run.differences.length === 0 ? 'ok  ' : 'FAIL'}  ${records} records, ${queries} queries, ${late} late, ${rejected} rejected, ${crashes} crashes, results ${digest}`,
  )
  if (run.differences.length === 0) continue
  failed++
  console.log(
    `${run.differences
      .slice(0, 10)
      .map((line) => `  ${line}`)
      .join('\n')}\n  repeat it: npm run simulate -- --seeds 1 --from ${seed}`,
  )
}
console.log(`${totals.records} records, ${totals.late} late, ${totals.rejected} rejected, ${totals.crashes} crashes`)
console.log(`${Number(values.seeds) - failed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
