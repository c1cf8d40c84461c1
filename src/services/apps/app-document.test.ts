import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { explainNodes } from '#language/plan/explain.ts'
import taxi from '../../../examples/chicago-taxi/app.ts'
import quakes from '../../../examples/earthquakes/app.ts'
import { greenhouse, greenhouseQueries } from '../../../test/support/greenhouse.ts'
import { embeddedPlatform } from '../../wiring.ts'
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

  it('keeps the field that records are keyed by, which has to be there', () => {
    const keyed = (keyBy: string) => {
      const document = JSON.parse(appToJson(greenhouse({ warmth: greenhouseQueries.warmth() })))
      document.streams.readings.keyBy = keyBy
      return JSON.stringify(document)
    }
    const app = appFromJson(keyed('sensor'))
    assert.equal(app.streams.readings!.keyBy, 'sensor')
    assert.equal(appFromJson(appToJson(app)).streams.readings!.keyBy, 'sensor')
    assert.throws(() => appFromJson(keyed('room')), {
      code: 'MSB_QUERY_INVALID',
      message: /stream 'readings' is keyed by 'room', which is none of its fields: sensor, at, celsius/,
    })
  })

  it('has names that a folder and a URL can have', () => {
    const named = (name: string) =>
      appToJson(greenhouse({ warmth: greenhouseQueries.warmth() })).replace('"greenhouse"', JSON.stringify(name))
    for (const name of ['', '..', '../x', 'a/b', 'a b', '.hidden', 'é', '1st', 'x\u0000', 'x'.repeat(101)])
      assert.throws(() => appFromJson(named(name)), { code: 'MSB_QUERY_INVALID', message: /is no app name/ })
    for (const name of ['__proto__', 'constructor', 'x'.repeat(100)])
      assert.equal(appFromJson(named(name)).plan.name, name)
  })

  it('is accepted or refused with a code, whatever is done to it, and what is accepted can be worked with', () => {
    const small = greenhouse({ warmth: greenhouseQueries.warmth() })
    const sound = [small, small, quakes].map((app) => appToJson(app))
    const counts = { accepted: 0, refused: 0 }
    const change = fc.record({
      which: fc.nat(sound.length - 1),
      places: fc.array(fc.noBias(fc.nat(1000)), { minLength: 1, maxLength: 2 }),
      value: fc.oneof(
        fc.jsonValue(),
        fc.constantFrom(
          '',
          '../x',
          '__proto__',
          'constructor',
          'x'.repeat(10_000),
          -1,
          1e300,
          2 ** 53,
          0.5,
          null,
          [],
          {},
        ),
        fc.constantFrom('update', 'UTC', 'day', 'other', 'string', 5, 60_000, true, false),
        fc.constant(ABSENT),
        fc.noBias(fc.nat(1000)).map((place) => ({ placeOf: place })),
      ),
    })
    fc.assert(
      fc.property(change, ({ which, places, value }) => {
        const spoilt = JSON.parse(sound[which]!)
        for (const place of places) spoil(spoilt, place, value)
        try {
          const app = appFromJson(JSON.stringify(spoilt))
          assert.equal(appToJson(appFromJson(appToJson(app))), appToJson(app))
          for (const stream of Object.keys(app.streams))
            for (const format of ['json', 'csv'] as const) embeddedPlatform.createDecoder(app, stream, format)
          for (const query of app.plan.queries) assert.ok(explainNodes(query.output).length > 0)
          counts.accepted++
        } catch (error) {
          if (!(error instanceof MysimbdpError) || error.code === 'MSB_INTERNAL') throw error
          counts.refused++
        }
      }),
      { numRuns: 2000, seed: 17 },
    )
    assert.ok(counts.accepted > 20 && counts.refused > 1000, JSON.stringify(counts))
  })
})

const ABSENT = { placeOf: -1 }

/** Every member of every object and list in it. */
function placesIn(value: unknown): readonly (readonly [holder: Record<string, unknown>, name: string])[] {
  if (typeof value !== 'object' || value === null) return []
  const holder = value as Record<string, unknown>
  return Object.keys(holder).flatMap((name) => [[holder, name] as const, ...placesIn(holder[name])])
}

/** Puts another value at a place, that of another place, or nothing. */
function spoil(document: unknown, place: number, value: unknown): void {
  const places = placesIn(document)
  if (places.length === 0) return
  const [holder, name] = places[place % places.length]!
  const { placeOf } = (value ?? {}) as { readonly placeOf?: number }
  if (placeOf === -1) delete holder[name]
  else if (placeOf === undefined) holder[name] = structuredClone(value)
  else {
    const [from, member] = places[placeOf % places.length]!
    holder[name] = structuredClone(from[member])
  }
}
