/** The key of each row of a batch as a small whole number: equal keys have equal codes. */
export interface RowCodes {
  /** By row; -1 for null. Those of rows that are not in the relation mean nothing. */
  readonly codes: Int32Array
  /** All codes are below it. */
  readonly size: number
  /** As long as it is the same object, a code stands for the same key. */
  readonly epoch: object
}

/** A table of more codes is given up at the next batch, so that keys that never come back cost no memory for good. */
export const CODES_MAX = 2 ** 20
