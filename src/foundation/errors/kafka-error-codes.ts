import { type ErrorRow, row } from './error-row.ts'

/** What Apache Kafka answers, or that it does not. */
export const kafkaErrorCodes = {
  MSB_KAFKA_UNREACHABLE: row(
    'external',
    'backoff',
    'no broker of the Kafka cluster answers',
    'Check that the brokers run and that bootstrapServers names them; work goes on by itself when they answer. Nothing that was acknowledged is lost.',
  ),
  MSB_KAFKA_DENIED: row(
    'external',
    'never',
    'the Kafka cluster refuses the credentials, or what is done with them',
    'Check mechanism, user name and password under broker.sasl, certificates under broker.tls, and the rights of that user.',
  ),
  MSB_KAFKA_FENCED: row(
    'external',
    'backoff',
    'another instance has taken over the transactions of this one',
    'Nothing, where several instances have the app: one of them goes on where this one stood. Else a transaction took longer than a minute, and the job takes itself over again.',
  ),
  MSB_STANDBY: row(
    'user',
    'never',
    'this instance of the platform stands by while another one runs the app',
    'Say it to the instance that runs the app: `--url` names it. Whoever takes the app over later finds what was deployed there.',
  ),
  MSB_KAFKA_TOPIC_MISMATCH: row(
    'user',
    'never',
    'a topic exists with other settings than the app asks for',
    'Change the topic as the message says, or ask for what it has in the configuration.',
  ),
  MSB_KAFKA_TOPIC_NOT_FOUND: row(
    'external',
    'backoff',
    'a topic that is needed does not exist in the Kafka cluster, or was deleted and made again',
    'Deploy the app again, which creates its topics; state of before needs a rebuild then.',
  ),
  MSB_KAFKA_RECORD_TOO_LARGE: row(
    'user',
    'never',
    'a record is larger than the topic takes',
    'Raise max.message.bytes of the topic, or send smaller records.',
  ),
  MSB_KAFKA_UNSUPPORTED: row(
    'user',
    'never',
    'Kafka cannot do what the local log can',
    'The message says what to do instead.',
  ),
  MSB_KAFKA_FAILED: row(
    'external',
    'backoff',
    'the Kafka cluster answered with an error',
    'The message holds its answer; the log of the broker says more.',
  ),
} as const satisfies Record<string, ErrorRow>
