import { randomInt } from 'node:crypto'

/** One of the whole numbers from `from` up to, not including, `below`, each as likely as the others. */
export const randomInteger = (from: number, below: number): number => randomInt(from, below)
