import { avg, round, tumbling } from 'mysimbdp'
import { trips } from './trips.fixture.ts'

export const query = trips.window(tumbling('5 seconds')).aggregate({
  mean: round(avg('shared'), 2), // error: avg needs a number, and 'shared' is of type boolean
})
