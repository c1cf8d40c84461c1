import { randomUUID } from 'node:crypto'

/** An id that nothing else has: a random UUID. */
export const randomId = (): string => randomUUID()
