import { trips } from './trips.fixture.ts'

// in a plan: add needs a number, and this is of type string
export const query = trips.select((row) => ({
  more: row.company.add(1), // error: Type '"string"' is not assignable to type 'NumericKind'
}))
