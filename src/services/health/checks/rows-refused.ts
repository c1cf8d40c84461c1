import type { AppCheck } from '../check.ts'
import { countText } from '../wording.ts'

/** The store did not take rows of results. */
export const rowsRefused: AppCheck = {
  code: 'rows_refused',
  find: ({ app, connectors }) =>
    connectors
      .filter(({ deadLetters }) => deadLetters > 0)
      .map(({ query, deadLetters }) => ({
        subject: query,
        sentence: `the store did not take ${deadLetters === 1 ? '1 row' : `${countText(deadLetters)} rows`} of query '${query}'`,
        action: `\`mysimbdp dead-letters list --app ${app}\` shows them with the reason; topic ${app}_${query}DeadLetters holds them.`,
      })),
}
