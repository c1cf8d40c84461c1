import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pageWithFigures } from './performance-page.ts'
import { figure, report } from './test-report.fixture.ts'

const page = '# Title\n\n<!-- figures: begin -->\nold\n<!-- figures: end -->\n\n## By people\n'

test('figures come between the marks, and what people wrote stays', () => {
  const written = pageWithFigures(page, report([figure('http.rss', [900], { unit: 'MB', title: 'a | b' })]))
  assert.match(written, /^# Title\n\n<!-- figures: begin -->\nMeasured 2026-01-01/)
  assert.match(
    written,
    /\| a \\\| b \| <= 200 MB \| 900 MB \| 450 % \| MISS \|\n<!-- figures: end -->\n\n## By people\n$/,
  )
  assert.doesNotMatch(written, /old/)
  assert.equal(pageWithFigures(written, report([figure('http.rss', [900], { unit: 'MB', title: 'a | b' })])), written)
})

test('a page without marks is refused', () => {
  assert.throws(() => pageWithFigures('# Title\n', report([])), /has no marks/)
})
