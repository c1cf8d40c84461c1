import { first, tumbling } from 'mysimbdp'
import { trips } from './trips.fixture.ts'

export const query = trips.window(tumbling('5 seconds')).aggregate({
  earliest: first('firm'), // error: there is no field 'firm'
})
