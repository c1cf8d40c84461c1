import type { CommittedFetch, FetchedRecord } from './committed-fetch.ts'

const FETCH_BYTES = 4 * 1024 * 1024
/** How long a broker may wait until it answers that nothing is there. */
const FETCH_WAIT_MS = 200

/** Some records, and where to go on behind them. */
export interface ReadPart {
  readonly records: readonly FetchedRecord[]
  readonly nextOffset: number
}

/** The committed records of a partition from an offset up to the end as of the first answer, in parts. @throws as `CommittedFetch.fetch` */
export async function* readToEnd(
  topic: CommittedFetch,
  partition: number,
  fromOffset: number,
): AsyncIterable<ReadPart> {
  let end: number | null = null
  for (let next = fromOffset; end === null || next < end; ) {
    const answer = await topic.fetch({
      partition,
      fromOffset: next,
      maxBytes: FETCH_BYTES,
      maxWaitMs: FETCH_WAIT_MS,
    })
    end ??= answer.lastStableOffset
    next = answer.nextOffset
    yield { records: answer.records, nextOffset: next }
  }
}
