import { count, tumbling } from 'mysimbdp'
import { unmarked } from './trips.fixture.ts'

export const query = unmarked.window(tumbling('5 seconds')).aggregate({ trips: count() }).output('append') // error: append needs a watermark
