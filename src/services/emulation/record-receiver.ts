import type { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'

/** A producer as the log knows it. */
export interface ProducerStanding {
  readonly epoch: number
  /** Sequence of the record to go on with. */
  readonly nextSequence: number
}

/** Records of one producer on their way, as NDJSON. */
export interface SentRecords {
  readonly producerId: string
  readonly epoch: number
  /** Sequence of the first record. */
  readonly sequence: number
  readonly lines: Uint8Array
}

/** What became of records that were sent. */
export interface Receipt {
  readonly accepted: number
  readonly rejected: number
  readonly alreadyReceived: number
  /** Where to go on: before the end of what was sent when it was not all taken. */
  readonly nextSequence: number
  /** How long to wait before going on, ms. */
  readonly pauseMs: number
  /** Set when the records are too many for one request. */
  readonly tooLarge: MysimbdpError | null
  /** Set when the receiver is in trouble that may pass; what it took before counts. */
  readonly failure: MysimbdpError | null
}

/**
 * Where the records of one stream go. Every method throws what the receiver answers; an error whose retry is `backoff` says that the same call
 * may succeed later.
 */
export interface RecordReceiver {
  /** The producer without taking over from it; null when it was never opened. */
  knownProducer(producerId: string): Promise<ProducerStanding | null>
  /** Takes over as this producer: older instances of it are refused from now on. */
  openProducer(producerId: string): Promise<ProducerStanding>
  send(records: SentRecords): Promise<Receipt>
}
