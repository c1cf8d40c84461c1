/** A query that runs in a server of its own, as that server tells of it. Plain data: it crosses threads and HTTP as it is. */
export interface RemoteQuery {
  /**
   * `starting`: for the first time since the job was opened. `restarting`: it ended with an error, and is started again after a pause. `stalled`: it runs, says
   * nothing any more, and is not busy with a batch.
   */
  readonly state: 'starting' | 'running' | 'restarting' | 'stalled'
  /** How often it was started again since the job was opened. */
  readonly restarts: number
  /** Of all failures so far, also when it runs again. */
  readonly lastError: { readonly code: string; readonly message: string } | null
  /** Where the server shows more of it to people; null where that is not known. */
  readonly pageUrl: string | null
  /** The last batch; null before the first. */
  readonly batch: RemoteBatch | null
  /** Of all batches since the job was opened, and of those before that the server still told of: rows read, and groups that were too late. */
  readonly inputRows: number
  readonly droppedGroups: number
  /** Of the same batches: records, and how many of them were rejected, by reason. */
  readonly counted: Readonly<Record<string, number>>
  readonly relay: RelayFigures
}

/** How a query fares on its server. */
export type RemoteRun = Omit<RemoteQuery, 'relay'>

/** What reads a stream once for all of its queries, counts its records and writes its dead letters. */
export interface RemoteLetters {
  readonly stream: string
  readonly remote: RemoteRun
}

/** Rows on their way from the server's topic into that of the results, since the job was opened. */
export interface RelayFigures {
  readonly readRows: number
  /** Of these, rows that were the last of their key already, and are not in the results again. */
  readonly repeatedRows: number
  /** That were there and not read at the last look. */
  readonly unreadRows: number
}

/** What a server tells of the last batch of a query. */
export interface RemoteBatch {
  readonly id: number
  /** When it began, epoch ms. */
  readonly atMs: number
  readonly inputRows: number
  /** Rows that came in each second since the batch before; rows that were worked on in each second of this one. */
  readonly inputRowsPerSecond: number
  readonly processedRowsPerSecond: number
  readonly durationMs: number
  /** What the duration was spent on, ms, by the server's names: `addBatch`, `walCommit`, … */
  readonly partsMs: Readonly<Record<string, number>>
  /** At the beginning of the batch, epoch ms; null before there is one. */
  readonly watermarkMs: number | null
  readonly maxEventTimeMs: number | null
  readonly stateRows: number
  readonly stateBytes: number
  /** Groups, not rows, that were too late: rows of one group and batch count once. */
  readonly droppedGroups: number
  /** Records that are there and not read yet, over all partitions; null where the server did not look. */
  readonly lag: number | null
  /** How far it has read each topic, by partition. */
  readonly positions: readonly { readonly topic: string; readonly partition: number; readonly offset: number }[]
  /** Figures that the query itself takes of its records, by the name of the observation; times are epoch ms. */
  readonly observed: Readonly<Record<string, Readonly<Record<string, number | null>>>>
}
