import { sum, tumbling } from 'mysimbdp'
import { trips } from './trips.fixture.ts'

export const query = trips.window(tumbling('5 seconds')).aggregate({
  total: sum('company'), // error: sum needs a number, and 'company' is of type string
})
