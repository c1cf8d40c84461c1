import { type ErrorRow, row } from './error-row.ts'

/** What an Apache Spark server answers, or that it does not. */
export const sparkErrorCodes = {
  MSB_SPARK_UNREACHABLE: row(
    'external',
    'backoff',
    'the Spark Connect server does not answer',
    'Check that it runs, and the url under engine in the configuration of the platform. Queries go on from their checkpoints when it answers.',
  ),
  MSB_SPARK_DENIED: row(
    'external',
    'never',
    'the Spark Connect server does not accept who asks',
    'Check the token in the url under engine in the configuration of the platform.',
  ),
  MSB_SPARK_SESSION_LOST: row(
    'external',
    'backoff',
    'the Spark server no longer knows the session, or the query in it: it was restarted, or has closed the session',
    'Nothing: queries go on from their checkpoints in a new session.',
  ),
  MSB_SPARK_REFUSED: row(
    'external',
    'never',
    'Spark cannot make sense of a query or a setting',
    'The message holds what Spark says of it.',
  ),
  MSB_SPARK_AVRO_MISSING: row(
    'external',
    'backoff',
    'a topic has Avro records, and the Spark server lacks the package that reads them',
    'Start the server with the package org.apache.spark:spark-avro_2.13 of its own version. Queries go on from their checkpoints then; nothing was left out.',
  ),
  MSB_SPARK_QUERY_FAILED: row(
    'external',
    'backoff',
    'a query on Spark has ended with an error',
    'It is started again from its checkpoint, later each time. The message holds what Spark says; the log of the server says more.',
  ),
  MSB_SPARK_FAILED: row(
    'external',
    'backoff',
    'the Spark server answered with an error',
    'The message holds what Spark says; the log of the server says more.',
  ),
} as const satisfies Record<string, ErrorRow>
