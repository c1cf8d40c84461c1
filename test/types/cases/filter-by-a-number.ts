import { trips } from './trips.fixture.ts'

// in a plan: filter needs a boolean, and this is of type int
export const query = trips.filter(
  (row) => row.passengers, // error: Type '"int"' is not assignable to type '"boolean"'
)
