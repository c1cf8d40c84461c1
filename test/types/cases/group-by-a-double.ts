import { tumbling } from 'mysimbdp'
import { trips } from './trips.fixture.ts'

export const query = trips.window(tumbling('5 seconds')).groupBy('miles') // error: a group key must be exact, and 'miles' is of type double
