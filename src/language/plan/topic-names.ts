/** Names on the wire of what belongs to an app: the same for logs on this machine, topics, connectors, and whoever reads them. */

/** Of a stream's log. */
export const streamTopicOf = (app: string, stream: string): string => `${app}_${stream}`
/** Of the rows of a query. */
export const resultTopicOf = (app: string, query: string): string => `${app}_${query}Stream`
/** Of the rows of a query that their store did not take. A stream of the same name has its dead letters there: `requireDistinctTopics` refuses that. */
export const refusedRowsTopicOf = (app: string, query: string): string => `${app}_${query}DeadLetters`
