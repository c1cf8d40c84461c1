import type { Broker, StreamReader } from '#dataplane/brokers/broker.ts'
import type { Decoder } from '#dataplane/decoding/decoder.ts'
import type { Engine } from '#dataplane/engines/engine.ts'
import type { ResultReader } from '#dataplane/sinks/sink.ts'
import type { Source, SourceFormat } from '#dataplane/sources/source.ts'
import type { AppPlan } from '#language/plan/plan.ts'
import type { App } from '#language/query/app.ts'
import type { SampleOptions, StreamSample } from '#language/query/stream.ts'

/** The plug-ins a run works with, by port; `wiring.ts` chooses them. */
export interface Platform {
  /** `logBytesMax`: the operator's limit on the log of each stream; none when absent. */
  openBroker(folder: string, limits?: { readonly logBytesMax: number | null }): Broker
  openEngine(folder: string): Engine
  /** The logs in a folder, to look at while another process may be writing them. Throws MSB_DATA_FOLDER_NOT_FOUND. */
  openLogReaders(folder: string): Promise<readonly StreamReader[]>
  openResults(folder: string): ResultReader
  /** Whether a log or state lies in the folder. */
  holdsData(folder: string): boolean
  /** Removes the state and results of a job that is not open; the log stays. */
  discardState(folder: string): void
  /** Throws MSB_INPUT_NOT_FOUND, MSB_INPUT_UNREADABLE. */
  openFile(path: string): Promise<Source>
  openSample(stream: string, sample: StreamSample, options: SampleOptions): Source
  createDecoder(app: App, stream: string, format: SourceFormat): Decoder
}

/** Name of a stream's log, as on the wire. */
export const topicOf = (plan: AppPlan, stream: string): string => `${plan.name}_${stream}`
