import { bind, code, pattern, quoteText, tryCast } from './typed-sql.ts'

/** Texts of times (rule 1.4), in two steps, so that it can be told what is no time from what is a time that the zone's clock skips. */

const ISO_TIMESTAMP = pattern(
  '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?\\z',
)
const OFFSET = pattern('(Z|[+-][0-9]{2}:?[0-9]{2})\\z')
/** Characters of `2024-04-13T19:48`: behind them a minus begins an offset. */
const TO_MINUTES = 16
const behindMinutes = (text: string): string => `substring(${text}, ${TO_MINUTES + 1})`

/** Whether a text that is a time says how far it is from UTC. */
const hasOffset = (text: string): string => `${behindMinutes(text)} RLIKE ${OFFSET}`

/** What the clock showed, as epoch ms of the same reading in UTC; digits past the millisecond are cut; null for what is no time. */
function localMillis(text: string): string {
  const seconds = bind(
    'seconds',
    `regexp_replace(${behindMinutes('iso')}, ${OFFSET}, '')`,
    `CASE WHEN seconds = '' THEN ':00' ELSE seconds END`,
  )
  const reading = `concat(left(iso, 10), 'T', substring(iso, 12, 5), ${seconds})`
  return bind(
    'iso',
    text,
    `CASE WHEN iso RLIKE ${ISO_TIMESTAMP} AND iso >= '0001' THEN unix_millis(${tryCast(reading, 'TIMESTAMP')}) END`,
  )
}

/** The instant of a reading, epoch ms: by the offset in the text, else in the zone; null when there is none (rule 3.4: the first of two). */
function millisOf(text: string, local: string, timeZone: string): string {
  const digits = "replace(shift, ':', '')"
  const minutes = `(CAST(substring(${digits}, 2, 2) AS INT) * 60 + CAST(substring(${digits}, 4, 2) AS INT)) * CASE WHEN startswith(shift, '-') THEN -1 ELSE 1 END`
  const possible = `substring(${digits}, 2, 2) < '24' AND substring(${digits}, 4, 2) < '60'`
  return bind(
    'shift',
    `regexp_extract(${behindMinutes(text)}, ${OFFSET}, 1)`,
    `CASE WHEN shift = '' THEN ${inZone(local, timeZone)} WHEN shift = 'Z' THEN ${local}
  WHEN ${possible} THEN ${local} - ${minutes} * 60000L END`,
  )
}

/** The instant of a text, epoch ms: null for what is no time. */
export const timeOfText = (text: string, timeZone: string): string =>
  bind('local', localMillis(text), millisOf(text, 'local', timeZone))

/** What is wrong with a text that has no instant. */
export const timeTextFault = (text: string): string =>
  `CASE WHEN ${localMillis(text)} IS NOT NULL AND NOT ${hasOffset(text)} THEN ${code('nonexistent_local_time')} ELSE ${code('invalid_time')} END`

/** The instant of a reading of a clock in a zone. Spark moves a reading that does not occur to one that does. */
export function inZone(local: string, timeZone: string): string {
  if (timeZone === 'UTC') return local
  const zone = quoteText(timeZone)
  return bind(
    'instant',
    `to_utc_timestamp(timestamp_millis(${local}), ${zone})`,
    `CASE WHEN from_utc_timestamp(instant, ${zone}) = timestamp_millis(${local}) THEN unix_millis(instant) END`,
  )
}

/** The first instant of a local date, epoch ms (rule 3.3). Spark moves a midnight that does not occur on by the length of the gap. */
export const firstInstant = (date: string, timeZone: string): string =>
  `unix_millis(to_utc_timestamp(CAST(${date} AS TIMESTAMP), ${quoteText(timeZone)}))`

/** The local date at an instant. */
export const localDate = (epochMs: string, timeZone: string): string =>
  `CAST(from_utc_timestamp(timestamp_millis(${epochMs}), ${quoteText(timeZone)}) AS DATE)`
