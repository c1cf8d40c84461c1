import { ticking } from '../ticking.ts'

/** The same, of partitions that may fall silent. */
export default ticking('quietticking', { idleTimeout: '1 second' })
