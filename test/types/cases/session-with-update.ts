import { count, session } from 'mysimbdp'
import { trips } from './trips.fixture.ts'

export const query = trips.window(session('8 hours')).aggregate({ trips: count() }).output('update') // error: a session window needs append: update would have to take rows back when sessions merge
