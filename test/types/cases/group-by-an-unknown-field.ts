import { tumbling } from 'mysimbdp'
import { trips } from './trips.fixture.ts'

export const query = trips.window(tumbling('5 seconds')).groupBy('firm') // error: there is no field 'firm'
