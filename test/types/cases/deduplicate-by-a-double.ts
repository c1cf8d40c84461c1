import { trips } from './trips.fixture.ts'

export const query = trips.deduplicate('miles') // error: a key of deduplicate must be exact, and 'miles' is of type double
