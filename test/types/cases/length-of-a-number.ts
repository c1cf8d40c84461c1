import { trips } from './trips.fixture.ts'

// in a plan: length needs string, and this is of type int
export const query = trips.select((row) => ({
  digits: row.passengers.length(), // error: Type '"int"' is not assignable to type '"string"'
}))
