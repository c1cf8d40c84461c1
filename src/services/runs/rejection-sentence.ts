import { type Rejection, rejectionCodes } from '#dataplane/records/record-batch.ts'

/** From this share of rejected records on something is wrong with the input, not with a record. */
const ALARMING_SHARE = 0.1

/** What a stream received in some time, and what was wrong with most of what was rejected. */
export interface InputCounts {
  readonly received: number
  readonly rejected: number
  /** The most frequent reason; null when nothing was rejected. */
  readonly mainReason: Rejection | null
}

/**
 * What is wrong with an input of which an alarming share was rejected, in a sentence; null when nothing is:
 * `100 % of 4,211 records of trips were rejected: field 'fare' is missing; the records have 'Fare'`.
 */
export function rejectionSentence(
  stream: string,
  { received, rejected, mainReason }: InputCounts,
  when = '',
): string | null {
  if (mainReason === null || rejected / received < ALARMING_SHARE) return null
  const share = `${Math.round((rejected / received) * 100)} % of ${received.toLocaleString('en-US')} records of ${stream}${when} were rejected`
  return `${share}: ${reasonText(mainReason)}`
}

/** Why a record was rejected: `field 'fare' is missing; the records have 'Fare'`, `wrong type (field 'fare', …)`. */
export function reasonText({ code, field, found, expected }: Rejection): string {
  // Spark counts records by field, and does not tell what they have in its place.
  if (code === 'renamed_field' && found !== null) return `field '${field}' is missing; the records have '${found}'`
  const details = [
    field === null ? null : `field '${field}'`,
    expected === null ? null : `expected ${expected}`,
    found === null ? null : `found ${found}`,
  ].filter((detail) => detail !== null)
  return `${rejectionCodes[code]}${details.length === 0 ? '' : ` (${details.join(', ')})`}`
}
