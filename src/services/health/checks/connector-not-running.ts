import type { ConnectorFacts } from '../../connect/connector-watch.ts'
import type { AppCheck, Observation } from '../check.ts'
import { failureText, spanText } from '../wording.ts'

/** How long it is worth a sentence that a connector was gone and has been put back. */
const PUT_BACK_MS = 10 * 60_000

/** Results of a query do not reach their store, whatever the connector says of itself. */
export const connectorNotRunning: AppCheck = {
  code: 'connector_not_running',
  find: ({ connectors, nowMs }) => connectors.flatMap((facts) => observe(facts, nowMs)),
}

function observe(facts: ConnectorFacts, nowMs: number): readonly Observation[] {
  const { query, connector, state, error, lastPutBackMs } = facts
  switch (state) {
    case 'failed':
      return [failedObservation(facts, nowMs)]
    case 'paused':
      return [
        {
          subject: query,
          sentence: `connector '${connector}' is paused: results of '${query}' wait on their topic`,
          action: `Resume it in Kafka Connect: PUT /connectors/${connector}/resume.`,
        },
      ]
    case 'absent':
      return [
        {
          subject: query,
          severity: 'failed',
          sentence: `connector '${connector}' is gone and could not be put back: ${failureText(error)}`,
          action: 'Nothing, if the next attempt works: there is one every few seconds. Results wait on their topic.',
        },
      ]
    default:
      return lastPutBackMs === null || nowMs - lastPutBackMs > PUT_BACK_MS ? [] : [putBackObservation(facts, nowMs)]
  }
}

function failedObservation({ query, connector, failedTasks, error }: ConnectorFacts, nowMs: number): Observation {
  const { task, sinceMs, attempts, reason, nextAttemptMs } = failedTasks[0]!
  const what = task === null ? `connector '${connector}'` : `task ${task} of connector '${connector}'`
  const again = spanText(Math.max(0, nextAttemptMs - nowMs))
  const mending = error === null ? '' : ` It cannot be mended at the moment: ${failureText(error)}.`
  return {
    subject: query,
    severity: 'failed',
    sentence: `${what} failed ${spanText(nowMs - sinceMs)} ago, so results of '${query}' wait on their topic: ${reason}`,
    action: `Started again ${attempts} ${attempts === 1 ? 'time' : 'times'}, next in ${again}.${mending} Look at what it says: nothing is lost meanwhile.`,
  }
}

const putBackObservation = ({ query, connector, lastPutBackMs }: ConnectorFacts, nowMs: number): Observation => ({
  subject: query,
  sentence: `connector '${connector}' was gone and has been put back ${spanText(nowMs - lastPutBackMs!)} ago`,
  action: 'Find out who deleted it. Whoever wants results to wait pauses the connector.',
})
