import { unmarked } from './trips.fixture.ts'

export const query = unmarked.deduplicate('company') // error: deduplicate needs a watermark
