import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { ReportedEvent } from './event-reporter.ts'
import { failureText, stageEnd, summary } from './report.ts'
import { outcomeOf, type StageResult } from './run-stage.ts'
import { chosenStages, type Stage, stages } from './stages.ts'

const stage: Stage = { name: 'unit', what: 'each part', work: { kind: 'tests', globs: [], oneProcess: true } }
const good: StageResult = { stage, passed: 3, failed: 0, skipped: 0, seconds: 1.25, failures: [], skips: [], said: [] }
const linesOf = (...events: readonly ReportedEvent[]): string => events.map((event) => JSON.stringify(event)).join('\n')

describe('a stage', () => {
  it('has the counts and failures of its test process', () => {
    const events = linesOf(
      { kind: 'failed', test: 'adds', place: 'a.test.ts:7', error: 'Error: 1 is not 2' },
      { kind: 'skipped', test: 'reads', reason: 'no data' },
      { kind: 'said', text: '150 random plans, seed 7' },
      { kind: 'counts', passed: 2, failed: 1, skipped: 1 },
    )
    const { failures, ...rest } = outcomeOf('unit', 1, events, '')
    assert.deepEqual(failures, [{ title: 'adds (a.test.ts:7)', text: 'Error: 1 is not 2' }])
    assert.deepEqual(rest, {
      passed: 2,
      failed: 1,
      skipped: 1,
      skips: [{ test: 'reads', reason: 'no data' }],
      said: ['150 random plans, seed 7'],
    })
  })

  it('fails when its process died after its last good test', () => {
    const { failed, failures } = outcomeOf(
      'unit',
      134,
      linesOf({ kind: 'counts', passed: 2, failed: 0, skipped: 0 }),
      'Aborted',
    )
    assert.equal(failed, 1)
    assert.deepEqual(failures, [{ title: 'unit: the test process failed (exit code 134)', text: 'Aborted' }])
  })

  it('fails when no test ran', () => {
    assert.equal(outcomeOf('unit', 0, '', '').failed, 1)
  })

  it('is chosen by name, and refused by name', () => {
    assert.deepEqual(
      chosenStages(['crash']),
      stages.filter(({ name }) => name === 'crash'),
    )
    assert.throws(() => chosenStages(['crush']), /there is no stage crush; there are compile, lint/)
  })

  it('is where each file with tests belongs', () => {
    const cwd = fileURLToPath(new URL('../../', import.meta.url))
    const files = globSync('{src,examples,scripts,test,bench}/**/*.test.ts', { cwd })
    const globs = stages.flatMap(({ work }) => (work.kind === 'tests' ? work.globs : []))
    const run = new Set(globs.flatMap((glob) => globSync(glob, { cwd })))
    assert.deepEqual(
      files.filter((file) => !run.has(file)),
      [],
    )
  })

  it('is left out of the quick run only with a command that runs it', () => {
    const quick = chosenStages([])
    for (const left of stages.filter((one) => !quick.includes(one))) assert.match(left.command!, /^npm run /)
  })
})

describe('the report', () => {
  it('says what passed in one line', () => {
    assert.equal(stageEnd(good), '   3 passed  (1.3 s)')
    assert.equal(stageEnd({ ...good, failed: 1, skipped: 2 }), '   3 passed, 1 failed, 2 skipped  (1.3 s)')
  })

  it('cuts long failures', () => {
    assert.equal(failureText({ title: 'adds', text: 'a\nb\n' }), '  FAILED  adds\n    a\n    b')
    assert.match(failureText({ title: 'adds', text: 'x\n'.repeat(50) }), /… 10 more lines$/)
  })

  it('ends with the total, after what was skipped, failed and left out', () => {
    const mixed: StageResult = { ...good, failed: 1, skipped: 1, skips: [{ test: 'reads', reason: 'no data' }] }
    assert.deepEqual(summary([good, mixed], [{ name: 'bench', command: 'npm run bench' }]).split('\n'), [
      'skipped in unit: reads: no data',
      'failed in unit: 1; again: node scripts/test.ts unit',
      'left out: bench       npm run bench',
      '6 passed, 1 failed, 1 skipped',
    ])
    assert.equal(summary([good], []), '3 passed, 0 failed')
  })
})
