import {
  type API,
  type Callback,
  Consumer,
  createAPI,
  type FetchOptions,
  fetchV17,
  kGetApi,
  Reader,
  ResponseError,
  UnsupportedApiError,
} from '@platformatic/kafka'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { type RecordBatch, readRecordBatches } from './record-batches.ts'

/** The request by the protocol's number, and its version, which is the latest one that the package knows and Kafka's from 3.9 on. */
export const FETCH = { key: 1, version: 17 } as const

/** What is said of brokers that do not know this version. */
export const brokersTooOld = (): MysimbdpError =>
  new MysimbdpError('MSB_KAFKA_UNSUPPORTED', 'the brokers are older than Kafka 3.9', {
    hint: 'Use Kafka 4: the platform is tested with 4.3.',
  })

type PackageAnswer = ReturnType<typeof fetchV17.parseResponse>
interface FetchAnswer extends Omit<PackageAnswer, 'responses'> {
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
const quickFetch = createAPI(FETCH.key, FETCH.version, fetchV17.createRequest, (_id, key, version, reader) =>
  readAnswer(Reader.from(reader.buffer.slice(reader.position)), key, version),
)

/** A consumer that reads records itself. It does not work with the package's own filter and streams, which know the package's answers alone. */
export class QuickFetchConsumer extends Consumer {
  override [kGetApi]<RequestArguments extends unknown[], ResponseType>(
    name: string,
    callback: Callback<API<RequestArguments, ResponseType>>,
  ): void {
    super[kGetApi]<RequestArguments, ResponseType>(name, (error, api) => {
      if (error !== null || name !== 'Fetch') return callback(error, api)
      // An error of the package that is not tried again, with ours as its cause.
      if (api?.version !== FETCH.version)
        return callback(new UnsupportedApiError('Fetch is too old.', { cause: brokersTooOld() }))
      callback(null, quickFetch as unknown as typeof api)
    })
  }

  /** Fetches, and answers what the request above reads; the package declares its own answer. */
  async fetchRecords(options: FetchOptions<Buffer, Buffer, Buffer, Buffer>): Promise<FetchAnswer> {
    return (await this.fetch(options)) as unknown as FetchAnswer
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
