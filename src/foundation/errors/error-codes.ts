/**
 * Whose problem it is, and whether trying again can help. HTTP status and exit code follow from the domain,
 * the supervisor's decision from domain and retry alone.
 */
export type ErrorDomain = 'user' | 'external' | 'internal'
export type Retry = 'never' | 'backoff'

interface ErrorRow {
  readonly domain: ErrorDomain
  readonly retry: Retry
  /** What went wrong, in one sentence of the reference page. The thrown message is specific; this one is general. */
  readonly meaning: string
  /** What a person can do about it. */
  readonly hint: string
}

const row = (domain: ErrorDomain, retry: Retry, meaning: string, hint: string): ErrorRow => ({
  domain,
  retry,
  meaning,
  hint,
})

/** Every error the platform can raise. `docs/reference/errors.md` is generated from this table. */
export const errorCodes = {
  MSB_SCHEMA_INVALID: row('user', 'never', 'a schema is not well formed', 'Correct the field that the message names.'),
  MSB_QUERY_INVALID: row(
    'user',
    'never',
    'a query does not make sense on its stream',
    'Correct the query as the message says.',
  ),
  MSB_PLAN_MALFORMED: row(
    'user',
    'never',
    'a plan document (JSON) does not have the shape of a plan',
    'Write plans with the builder, or compare with the output of `mysimbdp explain --format json`.',
  ),
  MSB_PLAN_UNSUPPORTED: row(
    'user',
    'never',
    'the engine cannot run a part of this plan',
    '`mysimbdp explain` lists what each engine supports and why not.',
  ),
  MSB_APP_NOT_FOUND: row(
    'user',
    'never',
    'there is no app at this path',
    'Give the folder of an app (it holds app.ts) or the path of its file.',
  ),
  MSB_APP_INVALID: row(
    'user',
    'never',
    'the file is no app that can be loaded',
    'Export the result of app(…) as default; `npx tsc -p .` shows what does not fit.',
  ),
  MSB_CLI_USAGE: row('user', 'never', 'the command line cannot be understood', 'Run the command with --help.'),
  MSB_CONFIG_INVALID: row(
    'user',
    'never',
    'the configuration of the platform cannot be used',
    'Correct the named place; docs/how-to/run-on-kafka.md shows a whole file.',
  ),
  MSB_REQUEST_INVALID: row(
    'user',
    'never',
    'a request to the platform cannot be understood',
    'Correct the parameter that the message names; docs/reference/http.md lists them.',
  ),
  MSB_TOO_MANY_FOLLOWERS: row(
    'external',
    'backoff',
    'as many connections follow results as the platform serves at once',
    'Close connections that nobody reads, or follow several queries in one: GET /v1/live?queries=app/query,app/query.',
  ),
  MSB_NOT_FOUND: row(
    'user',
    'never',
    'there is no such app, stream or query',
    '`mysimbdp jobs` or GET /v1/apps lists the apps there are; `mysimbdp deploy <app>` adds one.',
  ),
  MSB_NOT_WELL: row('external', 'never', 'health has found something wrong', 'Do what stands below each sentence.'),
  MSB_PLATFORM_NOT_FOUND: row(
    'external',
    'backoff',
    'no running platform was found',
    'Start one with `npm start` or `mysimbdp start <app>`, or say where it is with --url or --data.',
  ),
  MSB_PORT_TAKEN: row(
    'user',
    'never',
    'the port that the platform is to listen on is in use',
    'Stop what uses it, or choose another one with --port; --port 0 takes any that is free.',
  ),
  MSB_NOT_RUNNING: row(
    'external',
    'backoff',
    'this part of the platform does not run at the moment',
    'GET /health says why; try again when it runs.',
  ),
  MSB_APP_CHANGED: row(
    'user',
    'never',
    'queries of the app have changed, and nobody has said what is to become of their results',
    'Deploy with --rebuild to compute them anew from the log, or with --keep where only the output changed.',
  ),
  MSB_APP_MISMATCH: row(
    'user',
    'never',
    'an app cannot take the place of the one that is deployed under its name',
    'Deploy it under another name: the log that is there was written for another schema.',
  ),
  MSB_INGEST_BUSY: row(
    'external',
    'backoff',
    'more requests bring records than can be written at the moment',
    'Wait as long as Retry-After says, then go on from nextSequence.',
  ),
  MSB_REQUEST_TOO_LARGE: row(
    'user',
    'never',
    'a request brings more than one may bring',
    'Send the rest in another request; a producer goes on from nextSequence.',
  ),
  MSB_REQUEST_TOO_SLOW: row(
    'user',
    'backoff',
    'a request did not come to its end in time',
    'Send smaller requests, or faster; a producer goes on from nextSequence.',
  ),
  MSB_FORBIDDEN: row(
    'user',
    'never',
    'the request comes from elsewhere',
    'The platform answers only to this machine: use http://127.0.0.1 or http://localhost.',
  ),
  MSB_INPUT_NOT_FOUND: row('user', 'never', 'an input file cannot be opened', 'Check the path given with --input.'),
  MSB_INPUT_UNREADABLE: row(
    'user',
    'never',
    'an input file is in a form that cannot be read at all',
    'Inputs are NDJSON or CSV in UTF-8, or Avro object containers, plain or gzip.',
  ),
  MSB_INPUT_TRUNCATED: row(
    'user',
    'never',
    'an input file that is compressed, or Avro, ends in the middle',
    'Fetch the file again, and run in a new data folder: the file is another one then.',
  ),
  MSB_RECORD_REJECTED: row(
    'user',
    'never',
    'a record was rejected and the stream says that this ends the run',
    "The stream's badRecords policy is 'fail'; 'dead-letter' keeps such records and goes on.",
  ),
  MSB_REPLAY_INVALID: row(
    'user',
    'never',
    'what is to be replayed cannot be understood',
    '`mysimbdp dead-letters replay --help` shows how renames and edited files look.',
  ),
  MSB_RUN_FOLDER_IN_USE: row(
    'user',
    'never',
    'the data folder belongs to another run',
    'Use another folder with --data, or repeat the command that began the run in this one.',
  ),
  MSB_DATA_FOLDER_LOCKED: row(
    'user',
    'never',
    'another process works on this data folder',
    'Stop the other process first, or use another folder.',
  ),
  MSB_DATA_FOLDER_NOT_FOUND: row(
    'user',
    'never',
    'there is no data at this path',
    'Give the folder that `mysimbdp run --data` wrote.',
  ),
  MSB_LOG_DAMAGED: row(
    'external',
    'never',
    'a file of the log is damaged',
    'Restore the file from a backup, or move the data folder away and ingest the input again.',
  ),
  MSB_LOG_OFFSET_OUT_OF_RANGE: row(
    'external',
    'never',
    'a reader asks for records that the log no longer or not yet holds',
    'Rebuild the query from what the log still holds (rows of before that are carried over and marked), or restore the log that belongs to this state.',
  ),
  MSB_LOG_FULL: row(
    'external',
    'backoff',
    'a log has reached the size that the operator allows it',
    'Raise the limit, or give the stream a retention, so that old records make room for new ones; nothing that was acknowledged is lost.',
  ),
  MSB_LOG_SEQUENCE_GAP: row(
    'user',
    'never',
    'a producer skipped sequence numbers',
    'Send the records again from the sequence that the message names.',
  ),
  MSB_LOG_PRODUCER_FENCED: row(
    'user',
    'never',
    'a newer instance of this producer took over',
    'Stop this instance: the newer one continues where the log stands.',
  ),
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
    'never',
    'another instance has taken over the transactions of this one',
    'Stop this instance: the other one goes on where it stood.',
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
  MSB_STATE_DAMAGED: row(
    'external',
    'never',
    'a state file is damaged',
    'Rebuild the app from its log: `mysimbdp jobs rebuild <app>` on a running platform, `mysimbdp rebuild <app> --data <folder>` for a run.',
  ),
  MSB_STATE_FINGERPRINT: row(
    'user',
    'never',
    'the stored state belongs to another version of the query',
    'Rebuild the query from its log: `mysimbdp jobs rebuild <app> --query <name>` on a running platform, `mysimbdp rebuild <app> --data <folder> --query <name>` for a run.',
  ),
  MSB_STATE_AHEAD_OF_LOG: row(
    'external',
    'never',
    'the state has seen records that the log does not hold',
    'The log is older than the state, for example a restored backup: rebuild with `mysimbdp jobs rebuild <app>` on a running platform, `mysimbdp rebuild <app> --data <folder>` for a run.',
  ),
  MSB_DISK_FULL: row(
    'external',
    'backoff',
    'the disk is full',
    'Free space on the disk that holds the data folder; nothing that was acknowledged is lost.',
  ),
  MSB_STORAGE_FAILED: row(
    'external',
    'backoff',
    'a file of the data folder cannot be read or written',
    'Check the disk and the permissions of the data folder.',
  ),
  MSB_OUT_OF_MEMORY: row(
    'external',
    'backoff',
    'a job or an ingest needed more memory than it may have',
    'Look for a query with very many groups in open windows; fewer groups or smaller windows need less.',
  ),
  MSB_PROGRAM_MISSING: row(
    'user',
    'never',
    'a program that is needed is not installed',
    'Install it, or put it on the PATH.',
  ),
  MSB_CLUSTER_LIBRARIES: row(
    'external',
    'backoff',
    'Maven could not bring what the servers are made of',
    'Do what Maven says; it needs the network until it has fetched everything once.',
  ),
  MSB_CLUSTER_NOT_FOUND: row(
    'user',
    'never',
    'there is no such local cluster, or no such server in it',
    '`mysimbdp cluster up` makes one; --folder says where it is.',
  ),
  MSB_CLUSTER_DIFFERS: row(
    'user',
    'never',
    'the cluster in this folder was made otherwise',
    'Leave the option out to go on with that one, give the new one another --folder, or take that one away with `mysimbdp cluster down --delete`.',
  ),
  MSB_CLUSTER_PORT_TAKEN: row(
    'user',
    'never',
    'a server cannot listen on its port',
    'Stop the program that uses the port, or start a cluster with --ports free in another --folder.',
  ),
  MSB_SERVER_FAILED: row(
    'external',
    'backoff',
    'a server did not start, or ended',
    'Its log says why; `mysimbdp cluster up` starts what does not run.',
  ),
  MSB_INTERNAL: row(
    'internal',
    'never',
    'an assumption inside mysimbdp does not hold',
    'This is a bug. Please report it with the message and, if you can, the input.',
  ),
} as const satisfies Record<string, ErrorRow>

export type ErrorCode = keyof typeof errorCodes
