import { readFileSync, writeFileSync } from 'node:fs'
import type { Report } from './report/figure.ts'
import { pageWithFigures } from './report/performance-page.ts'

/**
 * `node bench/write-performance-doc.ts <report.json> [<page>]`: puts the figures of a report into docs/reference/performance.md, or another page with marks for them. What is
 * around them is written by people.
 */
const [path, page = 'docs/reference/performance.md'] = process.argv.slice(2)
if (path === undefined) throw new Error('usage: node bench/write-performance-doc.ts <report.json> [<page>]')
const report = JSON.parse(readFileSync(path, 'utf8')) as Report
writeFileSync(page, pageWithFigures(readFileSync(page, 'utf8'), report))
