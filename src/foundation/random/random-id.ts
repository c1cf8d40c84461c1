import { randomUUID } from 'node:crypto'

/** An id that nothing else has: a random UUID. */
export const randomId = (): string => randomUUID()

/** A short name for what is one of few: 12 hexadecimal digits, so that two of a million agree with a chance of 1 in 500. */
export const randomName = (): string => randomUUID().replaceAll('-', '').slice(0, 12)
