import { app, avg, calendar, caseWhen, count, countIf, first, max, min, round, session, sum, tumbling } from 'mysimbdp'
import { trips, unmarked } from './trips.fixture.ts'

/** The program that each of the other cases spoils in one place. */
export default app(
  'cases',
  { timeZone: 'UTC' },
  {
    takings: trips
      .filter((row) => row.passengers.greater(0))
      .window(tumbling('5 seconds'))
      .groupBy('company')
      .aggregate((row) => ({
        trips: count(),
        shared: countIf(row.shared),
        total: sum('fare'),
        mean: round(avg('fare'), 2),
        least: min('company'),
        most: max('at'),
        pooled: first('shared'),
        share: sum(row.fare.divide(row.passengers)),
        kind: first(caseWhen(row.miles.greater(10), 'long').otherwise('short')),
      }))
      .output('append'),
    daily: unmarked.window(calendar('day')).aggregate({ trips: count() }).output('complete', { keep: '30 days' }),
    shifts: trips
      .deduplicate('company', 'at')
      .window(session('8 hours'))
      .groupBy('company')
      .aggregate({ trips: count() })
      .output('append'),
    long: trips
      .select((row) => ({ company: row.company, miles: row.miles, near: row.miles.less(1) }))
      .withColumns((row) => ({ initial: row.company.substring(1, 1) }))
      .output('append', { table: 'long_trips' }),
  },
)
