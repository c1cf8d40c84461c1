import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { metrics } from '#services/metrics/metrics.ts'
import { dashboards } from '../deploy/monitoring/dashboards.ts'
import { monitoringFiles } from '../deploy/monitoring/generated-files.ts'
import { ruleGroups } from '../deploy/monitoring/rules.ts'

const fileOf = (path: string): URL => new URL(`../${path}`, import.meta.url)
const read = (path: string): string => (existsSync(fileOf(path)) ? readFileSync(fileOf(path), 'utf8') : '')

describe('dashboards and alert rules', () => {
  for (const [path, text] of monitoringFiles())
    it(`${path} is what deploy/monitoring says; if not, run npm run monitoring`, () => assert.equal(read(path), text))

  it('name only metrics of the platform that there are', () => {
    const queries = [
      ...dashboards.flatMap(({ rows }) => rows.flatMap(({ panels }) => panels.flatMap(({ lines }) => lines))),
      ...ruleGroups.flatMap(({ rules }) => rules),
    ].map(({ query }) => query)
    const named = new Set(queries.flatMap((query) => query.match(/\bmysimbdp_\w+/g) ?? []))
    const known = metrics.flatMap(({ name, type }) => (type === 'histogram' ? [`${name}_bucket`] : [name]))
    assert.deepEqual(
      [...named].filter((name) => !known.includes(name)),
      [],
    )
  })
})
