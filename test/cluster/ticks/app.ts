import { ticking } from './ticking.ts'

export default ticking('ticking')
