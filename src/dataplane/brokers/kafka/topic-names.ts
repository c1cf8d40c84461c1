import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { refusedRowsTopicOf, resultTopicOf, streamTopicOf } from '#language/plan/topic-names.ts'

/** `topic` is a stream's input topic, as in `StreamSpec`: `{app}_{stream}`. */
export const deadLettersTopicOf = (topic: string): string => `${topic}DeadLetters`
/** Event times that idle partitions are raised to. */
export const marksTopicOf = (topic: string): string => `${topic}Marks`
/** What ingest has received from each producer. */
export const producersTopicOf = (topic: string): string => `${topic}Producers`

/** The state of all queries of an app. */
export const changelogTopicOf = (app: string): string => `${app}_changelog`
/** What is deployed of an app, for its instances. */
export const deploymentTopicOf = (app: string): string => `${app}_deployment`

/** Rows that another engine computes of a query, before they are results. No name of a query has a hyphen: no other topic is called so. */
export const computedRowsTopicOf = (app: string, query: string, computation: string): string =>
  `${app}_${query}Computed-${computation}`

/** All topics of an app, but for those of single computations. */
export function topicsOfApp(app: string, streams: readonly string[], queries: readonly string[]): readonly string[] {
  const inputs = streams.map((stream) => streamTopicOf(app, stream))
  return [
    ...inputs,
    ...inputs.flatMap((input) => [deadLettersTopicOf(input), marksTopicOf(input), producersTopicOf(input)]),
    ...queries.flatMap((query) => [resultTopicOf(app, query), refusedRowsTopicOf(app, query)]),
    changelogTopicOf(app),
    deploymentTopicOf(app),
  ]
}

/**
 * A stream 'trips' and a query 'trip' have the same topic when the stream is called 'tripStream', and the like.
 * @throws MSB_KAFKA_TOPIC_MISMATCH naming the topic that would be used twice
 */
export function requireDistinctTopics(app: string, streams: readonly string[], queries: readonly string[]): void {
  const seen = new Set<string>()
  for (const topic of topicsOfApp(app, streams, queries)) {
    if (seen.has(topic))
      throw new MysimbdpError('MSB_KAFKA_TOPIC_MISMATCH', `two parts of app '${app}' would use the topic '${topic}'`, {
        hint: 'Rename the stream or the query.',
      })
    seen.add(topic)
  }
}
