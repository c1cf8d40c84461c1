import assert from 'node:assert/strict'
import { it } from 'node:test'
import { app } from '../query/app.ts'
import { count, sum } from '../query/expressions.ts'
import { int, schema, timestamp } from '../query/fields.ts'
import { stream } from '../query/stream.ts'
import { tumbling } from '../query/windows.ts'
import { fingerprint } from './fingerprint.ts'
import { planFromJson, planToJson } from './plan-json.ts'

const readings = (watermark: string) =>
  stream('readings', { schema: schema('reading', { at: timestamp(), n: int() }), eventTime: 'at', watermark })
const planOf = (size: string, watermark = '10 seconds', options: { table?: string } = {}) =>
  app(
    'a',
    { timeZone: 'UTC' },
    {
      q: readings(watermark)
        .window(tumbling(size))
        .aggregate({ n: count(), total: sum('n') })
        .output('append', options),
    },
  ).plan
const of = (plan: ReturnType<typeof planOf>): string => fingerprint(plan.queries[0]!, plan.timeZone)

it('is the same for the same meaning, also after JSON and with keys in another order', () => {
  const plan = planOf('5 seconds')
  assert.equal(of(planOf('5 seconds')), of(plan))
  assert.equal(of(planFromJson(planToJson(plan))), of(plan))
  const reversed = JSON.parse(planToJson(plan), (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).reverse())
      : value,
  ) as typeof plan
  assert.equal(of(reversed), of(plan))
})

it('changes with window, watermark and time zone, and not with the table', () => {
  const plan = planOf('5 seconds')
  assert.notEqual(of(planOf('10 seconds')), of(plan))
  assert.notEqual(of(planOf('5 seconds', '11 seconds')), of(plan))
  assert.notEqual(fingerprint(plan.queries[0]!, 'America/Chicago'), of(plan))
  assert.equal(of(planOf('5 seconds', '10 seconds', { table: 'other' })), of(plan))
})
