import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import taxi from '../../../examples/chicago-taxi/app.ts'
import quakes from '../../../examples/earthquakes/app.ts'
import { appFromJson, appToJson } from './app-document.ts'

describe('an app as a document', () => {
  it('comes back as it was, but for the code of its sample', () => {
    for (const app of [taxi, quakes]) {
      const back = appFromJson(appToJson(app))
      assert.deepEqual(back.plan, app.plan)
      for (const [name, { sample: _code, ...extras }] of Object.entries(app.streams))
        assert.deepEqual(back.streams[name], { ...extras, sample: null })
      assert.equal(appToJson(back), appToJson(app))
    }
  })

  it('is refused by the place that is wrong', () => {
    const spoilt = (change: (document: ReturnType<typeof JSON.parse>) => void): string => {
      const document = JSON.parse(appToJson(taxi))
      change(document)
      return JSON.stringify(document)
    }
    const refusals: readonly [string, RegExp][] = [
      ['{', /the app is no JSON/],
      ['[]', /app must be an object/],
      [spoilt((app) => delete app.streams), /app\.streams must be an object, and is absent/],
      [
        spoilt((app) => (app.streams.ingestData.retention.bytes = '1')),
        /app\.streams\.ingestData\.retention\.bytes must be a whole number/,
      ],
      [spoilt((app) => (app.plan.queries[0].output.mode = 'now')), /mode must be one of append, update, complete/],
    ]
    for (const [text, message] of refusals)
      assert.throws(() => appFromJson(text), { code: 'MSB_PLAN_MALFORMED', message })
  })
})
