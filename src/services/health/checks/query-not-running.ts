import type { RemoteRun } from '#dataplane/engines/remote-query.ts'
import type { AppCheck, Observation } from '../check.ts'

/** A query that runs in another server does not get on, while the job that watches it does. */
export const queryNotRunning: AppCheck = {
  code: 'query_not_running',
  find: ({ queries, streams }) => [
    ...queries.flatMap(({ query, status }) => (status?.remote === undefined ? [] : observe(query, status.remote))),
    ...streams.flatMap(({ stream, letters }) => (letters === null ? [] : observe(`${stream}.deadLetters`, letters))),
  ],
}

function observe(query: string, { state, restarts, lastError }: RemoteRun): readonly Observation[] {
  switch (state) {
    case 'starting':
    case 'running':
      return []
    case 'restarting':
      return [
        {
          subject: query,
          severity: 'failed',
          sentence: `query '${query}' has ended on its server: ${lastError?.message ?? 'nobody knows why'}`,
          action: `Nothing, if the next attempt works: it is started again from its checkpoint, so far ${restarts} ${restarts === 1 ? 'time' : 'times'}.`,
        },
      ]
    case 'stalled':
      return [
        {
          subject: query,
          severity: 'failed',
          sentence: `query '${query}' runs on its server and has said nothing for more than a minute`,
          action:
            'See whether the server reaches the brokers, which it waits for without a word, and whether it has more to do than it can.',
        },
      ]
  }
}
