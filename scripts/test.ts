/**
 * `npm test`: every check that is quick enough to run before each commit. `node scripts/test.ts <stage>…` runs those stages
 * alone. Ends with exit code 1 when anything failed, and a last line of the form `N passed, N failed`.
 */
import { failureText, saidText, stageBegin, stageEnd, summary } from './testing/report.ts'
import { runStage, type StageResult } from './testing/run-stage.ts'
import { chosenStages, elsewhere, stages } from './testing/stages.ts'

const chosen = chosenStages(process.argv.slice(2))
const results: StageResult[] = []
for (const stage of chosen) {
  process.stdout.write(`${stageBegin(stage)} `)
  const result = await runStage(stage)
  results.push(result)
  console.log(stageEnd(result))
  for (const text of result.said) console.log(saidText(text))
  for (const failure of result.failures) console.log(failureText(failure))
}

const optional = stages.flatMap(({ name, command }) => (command === undefined ? [] : [{ name, command }]))
console.log(`\n${summary(results, process.argv.length > 2 ? [] : [...optional, ...elsewhere])}`)
process.exitCode = results.some(({ failed }) => failed > 0) ? 1 : 0
