import { app, avg, calendar, count, countIf, first, last, max, min, sliding, stream, sum, tumbling } from 'mysimbdp'
import { generateQuakes, sampleDefaults } from './generator/generate-quakes.ts'
import { quakeSchema } from './quake-schema.ts'

const quakes = stream('quakes', {
  schema: quakeSchema,
  eventTime: 'time',
  watermark: '1 hour',
  sample: { defaults: sampleDefaults, generate: generateQuakes },
})

/** Earthquakes of the world as seismic networks report them: out of order, and some of them hours later. */
export default app(
  'earthquakes',
  { timeZone: 'UTC' },
  {
    byRegionHour: quakes
      .window(tumbling('1 hour'))
      .groupBy('net')
      .aggregate({ quakes: count(), strongest: max('mag'), deepest: max('depth') })
      .output('append'),

    dailyMagnitude: quakes
      .window(calendar('day'))
      .aggregate((quake) => ({
        quakes: count(),
        strong: countIf(quake.mag.greaterOrEqual(4.5)),
        mag_avg: avg('mag'),
        first_place: first('place'),
        last_place: last('place'),
      }))
      .output('complete'),

    reviewed: quakes
      .filter((quake) => quake.status.equal('reviewed'))
      .window(sliding('6 hours', '2 hours'))
      .groupBy('magType')
      .aggregate({ quakes: count(), mag_min: min('mag'), mag_sum: sum('mag'), rms_avg: avg('rms') })
      .output('update'),
  },
)
