import { trips } from './trips.fixture.ts'

// in a plan: there is no field 'fair'
export const query = trips.filter(
  (row) => row.fair.greater(5), // error: Property 'fair' does not exist
)
