import type { Broker, StreamReader } from '#dataplane/brokers/broker.ts'
import type { Candidacy } from '#dataplane/brokers/candidacy.ts'
import type { DeploymentBoard } from '#dataplane/brokers/deployment-board.ts'
import type { Decoder, DecodingOptions } from '#dataplane/decoding/decoder.ts'
import type { Engine } from '#dataplane/engines/engine.ts'
import type { ResultReader, RowReader } from '#dataplane/sinks/sink.ts'
import type { Source, SourceFormat } from '#dataplane/sources/source.ts'
import type { AppPlan } from '#language/plan/plan.ts'
import { streamTopicOf } from '#language/plan/topic-names.ts'
import type { App } from '#language/query/app.ts'
import type { SampleOptions, StreamSample } from '#language/query/stream.ts'
import type { AppConnectors } from '../connect/app-connectors.ts'
import type { SinkDeadLetter } from '../connect/sink-dead-letters.ts'

/** The plug-ins a run works with, by port; `wiring.ts` chooses them. */
export interface Platform {
  /** `logBytesMax`: the operator's limit on the log of each stream; none when absent. */
  openBroker(folder: string, limits?: { readonly logBytesMax: number | null }): Broker
  /** Says why an app cannot be deployed here, whatever its engine can do. Throws MSB_KAFKA_TOPIC_MISMATCH. */
  requireDeployable?(plan: AppPlan): void
  openEngine(folder: string): Engine
  /** An engine whose job leaves its results in the folder and nothing else: it cannot be gone on with, nor read while it runs. */
  openResultsEngine(folder: string): Engine
  /** The logs in a folder, to look at while another process may be writing them. Throws MSB_DATA_FOLDER_NOT_FOUND. */
  openLogReaders(folder: string): Promise<readonly StreamReader[]>
  openResults(folder: string): ResultReader
  /**
   * Stands for being the instance that runs an app, where several may have it. `onChange` is called when this one has become active, or no longer is.
   * @throws MSB_KAFKA_UNREACHABLE, MSB_KAFKA_DENIED
   */
  standFor?(app: string, onChange: () => void): Promise<Candidacy>
  /** Where instances find what is deployed; absent where there is one instance only. */
  readonly deployments?: DeploymentBoard
  /** Whether a log or state lies in the folder. */
  holdsData(folder: string): boolean
  /** Removes the state and results of a job that is not open; the log stays. */
  discardState(folder: string): void
  /** Where results are served from, where that is not the folder of an app. */
  readonly serving?: ServingStore
  /** What log and state in a folder take on the disk now. */
  storageUse(folder: string): StorageUse
  /** Throws MSB_INPUT_NOT_FOUND, MSB_INPUT_UNREADABLE. */
  openFile(path: string): Promise<Source>
  openSample(stream: string, sample: StreamSample, options: SampleOptions): Source
  createDecoder(app: App, stream: string, format: SourceFormat, options?: DecodingOptions): Decoder
  /** Entry of a thread that decodes parts of files (`parallel-decoding.ts` says how it is spoken to). */
  readonly decodingThread: URL
}

/** A store beside the platform that connectors bring results to. */
export interface ServingStore {
  newConnectors(plan: AppPlan): AppConnectors
  openResults(plan: AppPlan): RowReader
  /** Rows of a query that the store did not take, from an offset of their topic on; none where the topic does not exist yet. */
  refusedRows(plan: AppPlan, query: string, fromOffset: number, limit: number): Promise<readonly SinkDeadLetter[]>
  close(): Promise<void>
}

export interface StorageUse {
  /** Bytes of each stream's log, by topic. */
  readonly logBytes: ReadonlyMap<string, number>
  readonly stateBytes: number
  /** How much of that is commits that were not yet written back into the file: it should stay small. */
  readonly stateWalBytes: number
}

/** Name of a stream's log, as on the wire. */
export const topicOf = (plan: AppPlan, stream: string): string => streamTopicOf(plan.name, stream)
