import { readFileSync, writeFileSync } from 'node:fs'
import type { Report } from './report/figure.ts'
import { pageWithFigures } from './report/performance-page.ts'

/**
 * `node bench/write-performance-doc.ts <report.json>`: puts the figures of a report into docs/reference/performance.md. What is around them is written by people.
 */
const PAGE = 'docs/reference/performance.md'

const [path] = process.argv.slice(2)
if (path === undefined) throw new Error('usage: node bench/write-performance-doc.ts <report.json>')
const report = JSON.parse(readFileSync(path, 'utf8')) as Report
writeFileSync(PAGE, pageWithFigures(readFileSync(PAGE, 'utf8'), report))
