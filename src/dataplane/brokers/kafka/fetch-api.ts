import {
  type API,
  type Callback,
  Consumer,
  createAPI,
  fetchV17,
  kGetApi,
  Reader,
  ResponseError,
} from '@platformatic/kafka'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { type RecordBatch, readRecordBatches } from './record-batches.ts'

/** As the protocol numbers it. */
const FETCH_KEY = 1
/** The latest one that the package knows. */
const FETCH_VERSION = 17

type PackageAnswer = ReturnType<typeof fetchV17.parseResponse>
export interface FetchAnswer extends Omit<PackageAnswer, 'responses'> {
  readonly responses: readonly { readonly topicId: string; readonly partitions: readonly FetchAnswerPartition[] }[]
}

/** What a broker answers for one partition. */
export interface FetchAnswerPartition {
  readonly partitionIndex: number
  readonly errorCode: number
  readonly highWatermark: bigint
  readonly lastStableOffset: bigint
  readonly logStartOffset: bigint
  /** Where each transaction begins that was aborted and touches these records; of one producer there may be several. */
  readonly abortedTransactions: readonly { readonly producerId: bigint; readonly firstOffset: bigint }[] | null
  readonly preferredReadReplica: number
  readonly records?: readonly RecordBatch[] | null
}

/** The same request. The answer is made one piece first: the package looks for each field through the pieces of 64 KiB in which it came, from the first one on. */
const quickFetch = createAPI(FETCH_KEY, FETCH_VERSION, fetchV17.createRequest, (_id, key, version, reader) =>
  readAnswer(Reader.from(reader.buffer.slice(reader.position)), key, version),
)

/** A consumer that reads records itself. The broker must know this version of the request, which Kafka does from 3.9 on. */
export class QuickFetchConsumer extends Consumer {
  override [kGetApi]<RequestArguments extends unknown[], ResponseType>(
    name: string,
    callback: Callback<API<RequestArguments, ResponseType>>,
  ): void {
    super[kGetApi]<RequestArguments, ResponseType>(name, (error, api) => {
      if (error !== null || name !== 'Fetch') return callback(error, api)
      if (api?.version === FETCH_VERSION) return callback(null, quickFetch as unknown as typeof api)
      const hint = 'Kafka 3.9 is the oldest that mysimbdp reads from.'
      callback(new MysimbdpError('MSB_KAFKA_FAILED', `the broker knows Fetch up to version ${api?.version}`, { hint }))
    })
  }
}

/** @throws ResponseError with the code of each part that has failed, as the package does */
function readAnswer(reader: Reader, key: number, version: number): FetchAnswer {
  const throttleTimeMs = reader.readInt32()
  const errorCode = reader.readInt16()
  const sessionId = reader.readInt32()
  const responses = reader.readArray((topic) => ({
    topicId: topic.readUUID(),
    partitions: topic.readArray(readPartition),
  }))
  const answer = { throttleTimeMs, errorCode, sessionId, responses, nodeEndpoints: [] }
  const errors = responses.flatMap(({ partitions }, i) =>
    partitions.flatMap(({ errorCode: code }, j) =>
      code === 0 ? [] : [[`/responses/${i}/partitions/${j}`, code] as const],
    ),
  )
  const all = errorCode === 0 ? errors : [['', errorCode] as const, ...errors]
  if (all.length === 0) return answer
  throw new ResponseError(key, version, Object.fromEntries(all.map(([path, code]) => [path, [code, null]])), answer)
}

/** Tagged fields at its end are skipped: they tell followers, and who gave an epoch, something else. */
function readPartition(reader: Reader): FetchAnswerPartition {
  return {
    partitionIndex: reader.readInt32(),
    errorCode: reader.readInt16(),
    highWatermark: reader.readInt64(),
    lastStableOffset: reader.readInt64(),
    logStartOffset: reader.readInt64(),
    abortedTransactions: reader.readNullableArray((one) => ({
      producerId: one.readInt64(),
      firstOffset: one.readInt64(),
    })),
    preferredReadReplica: reader.readInt32(),
    records: readRecords(reader),
  }
}

function readRecords(reader: Reader): readonly RecordBatch[] | null {
  // One more than there are, 0 for null.
  const size = reader.readUnsignedVarInt() - 1
  if (size < 0) return null
  const start = reader.position
  reader.skip(size)
  return readRecordBatches(reader.buffer.slice(start, start + size))
}
