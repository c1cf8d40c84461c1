import type { StageResult } from './run-stage.ts'
import type { Stage } from './stages.ts'

/** Lines a failure may take; the rest is seen by running its stage alone. */
const FAILURE_LINES_MAX = 40

export const stageBegin = ({ name, what }: Stage): string => `${name.padEnd(13)} ${what.padEnd(46)}`

export function stageEnd({ passed, failed, skipped, seconds }: StageResult): string {
  const counts = [`${String(passed).padStart(4)} passed`, ...countIf(failed, 'failed'), ...countIf(skipped, 'skipped')]
  return `${counts.join(', ')}  (${seconds.toFixed(1)} s)`
}

export const saidText = (text: string): string => `  ${text}`

const countIf = (count: number, what: string): readonly string[] => (count === 0 ? [] : [`${count} ${what}`])

export function failureText({ title, text }: { readonly title: string; readonly text: string }): string {
  const lines = text
    .trimEnd()
    .split('\n')
    .filter((line) => !/^ +at .*node:internal/.test(line))
  const more = lines.length > FAILURE_LINES_MAX ? [`… ${lines.length - FAILURE_LINES_MAX} more lines`] : []
  return [`  FAILED  ${title}`, ...[...lines.slice(0, FAILURE_LINES_MAX), ...more].map((line) => `    ${line}`)].join(
    '\n',
  )
}

/** The end of a run: what failed where, what was skipped and why, what was left out, and the total in one line. */
export function summary(
  results: readonly StageResult[],
  leftOut: readonly { readonly name: string; readonly command: string }[],
): string {
  const sum = (count: (result: StageResult) => number): number =>
    results.reduce((total, result) => total + count(result), 0)
  const [passed, failed, skipped] = [sum((one) => one.passed), sum((one) => one.failed), sum((one) => one.skipped)]
  return [
    ...results.flatMap(({ stage, skips }) =>
      skips.map(({ test, reason }) => `skipped in ${stage.name}: ${test}${reason === '' ? '' : `: ${reason}`}`),
    ),
    ...results
      .filter((one) => one.failed > 0)
      .map(
        ({ stage, failed: count }) => `failed in ${stage.name}: ${count}; again: node scripts/test.ts ${stage.name}`,
      ),
    ...leftOut.map(({ name, command }) => `left out: ${name.padEnd(10)}  ${command}`),
    `${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`,
  ].join('\n')
}
