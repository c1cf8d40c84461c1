import { count, tumbling } from 'mysimbdp'
import { trips } from './trips.fixture.ts'

export const query = trips
  .window(tumbling('5 seconds'))
  .aggregate({ trips: count() })
  .output('append', { keep: '1 day' }) // error: keep belongs to complete, and this is append
