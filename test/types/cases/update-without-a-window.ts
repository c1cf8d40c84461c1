import { trips } from './trips.fixture.ts'

// in a plan: update needs a window: without one each record is a row of its own, written once
export const query = trips.output(
  'update', // error: Argument of type '"update"' is not assignable to parameter of type '"append"'
)
