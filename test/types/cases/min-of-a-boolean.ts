import { min, tumbling } from 'mysimbdp'
import { trips } from './trips.fixture.ts'

export const query = trips.window(tumbling('5 seconds')).aggregate({
  least: min('shared'), // error: min needs values with an order, and 'shared' is of type boolean
})
