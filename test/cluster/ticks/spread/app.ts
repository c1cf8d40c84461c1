import { ticking } from '../ticking.ts'

/** The same under another name: its topics have several partitions, in the same cluster. */
export default ticking('spreadticking')
