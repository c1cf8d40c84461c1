import { trips } from './trips.fixture.ts'

// in a plan: there is no field 'firm'
export const query = trips.select((row) => ({
  firm: row.firm, // error: Property 'firm' does not exist
}))
