import { trips } from './trips.fixture.ts'

export const query = trips.deduplicate('firm') // error: there is no field 'firm'
