import type { Source } from '#dataplane/sources/source.ts'
import { sha256 } from '#foundation/hash/sha256.ts'
import type { CsvFormat } from '#language/schemas/csv-format.ts'
import type { Schema } from '#language/schemas/schema.ts'
import type { FaultPlan } from './fault-injector.ts'
import type { EventTimeChoice } from './feed-record.ts'

/** Raised when the same input and options give other records than before. */
const FEED_VERSION = 1
const ID_DIGITS = 24

/** Everything that decides which records a feed sends, and nothing else: not how fast, and not where to. */
export interface FeedIdentity {
  readonly sources: readonly Source[]
  readonly stream: string
  readonly schema: Schema
  readonly eventTime: string
  readonly timeZone: string
  readonly csvFormats: readonly CsvFormat[]
  readonly eventTimeChoice: EventTimeChoice
  readonly dropIncomplete: boolean
  readonly sort: boolean
  readonly faults: FaultPlan
}

/** Equal for feeds that send the same records (with the moment of sending as their event time, for the same ones but for that). Reads all sources. */
export async function feedRunId(feed: FeedIdentity): Promise<string> {
  const { stream, schema, eventTime, timeZone, csvFormats, eventTimeChoice, dropIncomplete, sort, faults } = feed
  const inputs: string[] = []
  for (const source of feed.sources) inputs.push(`${source.format} ${await source.identity()}`)
  const read = { stream, schema, eventTime, timeZone, csvFormats }
  const options = { eventTimeChoice, dropIncomplete, sort }
  // Infinity has no JSON; and where nothing is spoilt, no seed matters.
  const spoilt = faults.faults.length === 0 ? null : { ...faults, to: String(faults.to) }
  return sha256(JSON.stringify({ version: FEED_VERSION, inputs, read, options, spoilt })).slice(0, ID_DIGITS)
}

/** Id of the producer that sends a feed the first, second, third… time. */
export const producerIdOf = (runId: string, repetition: number): string =>
  `emulate:${runId}${repetition === 1 ? '' : `#${repetition}`}`
