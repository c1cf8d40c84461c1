import type { AppCheck } from '../check.ts'
import { type AppFacts, type QueryFacts, streamOf } from '../facts.ts'
import { countText, percentText, recordsText, spanText } from '../wording.ts'

/** Most of what a query read came after its windows had closed. */
export const recordsLate: AppCheck = {
  code: 'records_late',
  find: (facts) =>
    facts.queries.flatMap((query) => {
      const { recentLate, recentRead } = query
      const { lateShare, lateRecords } = facts.thresholds
      if (recentLate < lateRecords || recentLate < recentRead * lateShare) return []
      if (query.status?.remote !== undefined) return [ofAnotherServer(facts, query)]
      const { stream, watermarkDelayMs } = streamOf(facts, query)
      const share = percentText(Math.min(recentLate / recentRead, 1))
      return [
        {
          subject: query.query,
          sentence:
            `${share} of the ${recordsText(recentRead)} that query '${query.query}' read in the last minute were late (${countText(recentLate)}): ` +
            `they came more than ${spanText(watermarkDelayMs ?? 0)} of event time after the newest record of stream '${stream}' and did not count in every window`,
          action: `If they come in such disorder by nature, give stream '${stream}' a longer watermark and deploy the app with --rebuild; if one source runs ahead of the others, correct its clock; if they are of another time than the rest, such as an old export beside a live feed, send them to an app on a platform of its own. \`mysimbdp late list --app ${facts.app}\` lists them.`,
        },
      ]
    }),
}

/** Which counts groups, and keeps no late record. */
function ofAnotherServer(facts: AppFacts, query: QueryFacts) {
  const { stream } = streamOf(facts, query)
  return {
    subject: query.query,
    sentence: `query '${query.query}' read ${recordsText(query.recentRead)} in the last minute, and its server dropped ${countText(query.recentLate)} groups of late ones, of which nothing is kept`,
    action: `If they come in such disorder by nature, give stream '${stream}' a longer watermark and deploy the app with --rebuild; if one source runs ahead of the others, correct its clock.`,
  }
}
