import { readFileSync } from 'node:fs'
import { type Change, compareReports, reasonsAgainst } from './report/comparison.ts'
import type { Report } from './report/figure.ts'
import { valueText } from './report/value-text.ts'

/** `npm run bench:compare <before.json> <after.json>`: what changed beyond noise. Ends with exit code 1 when a figure got worse, with 2 when it was called wrongly. */
const paths = process.argv.slice(2)
if (paths.length !== 2) {
  console.error('usage: npm run bench:compare <before.json> <after.json>')
  process.exit(2)
}
const [before, after] = paths.map((path) => JSON.parse(readFileSync(path, 'utf8')) as Report) as [Report, Report]

const percent = (share: number): string => `${share < 0 ? '' : '+'}${(share * 100).toFixed(1)} %`

const line = ({ before: was, after: is, relative, noise, kind }: Change): string =>
  `${kind.toUpperCase().padEnd(13)} ${`${is.section}: ${is.title}`.padEnd(70)} ${valueText(was.value, was.unit)} -> ${valueText(is.value, is.unit)} (${percent(relative)}, noise ${(noise * 100).toFixed(1)} %)`

for (const reason of reasonsAgainst(before, after)) console.log(`they differ in more than the program: ${reason}`)
const changes = compareReports(before, after)
const beyondNoise = changes.filter(({ kind }) => kind !== 'within noise')
for (const change of beyondNoise) console.log(line(change))
console.log(
  `${changes.length} figures compared, ${before.commit} of ${before.startedAt} with ${after.commit} of ${after.startedAt}: ` +
    `${beyondNoise.filter(({ kind }) => kind === 'better').length} better, ${beyondNoise.filter(({ kind }) => kind === 'worse').length} worse, the others within noise`,
)
process.exitCode = beyondNoise.some(({ kind }) => kind === 'worse') ? 1 : 0
