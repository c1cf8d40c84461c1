import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { Clock } from '#foundation/time/clock.ts'
import { delay } from '#foundation/time/timers.ts'
import type { FeedCursor } from './feed-cursor.ts'
import { type EventTimeChoice, encodeLines, type FeedRecord } from './feed-record.ts'
import type { Patience } from './patience.ts'
import type { Receipt, RecordReceiver } from './record-receiver.ts'
import type { Schedule } from './schedule.ts'

/** Text of a request, unless a single record is longer. */
const REQUEST_CHARACTERS = 4 * 1024 * 1024
/** A schedule is asked again at least so often, so that a wish to stop is heard. */
const WAIT_MS_MAX = 500

export interface FeedSenderSpec {
  readonly receiver: RecordReceiver
  readonly producerId: string
  readonly cursor: FeedCursor
  readonly schedule: Schedule
  /** Records in a request at most. */
  readonly chunkRecords: number
  /** Time between two requests that are not full, ms: records that become due meanwhile travel together. */
  readonly lingerMs: number
  readonly eventTime: string
  readonly eventTimeChoice: EventTimeChoice
  readonly clock: Clock
  readonly patience: Patience
  readonly signal?: AbortSignal
  /** Called with the sequence of the first record that the log does not have. */
  readonly onBegin?: (sequence: number) => void
  readonly onProgress?: (totals: SendTotals) => void
}

/** What was sent so far, by this sender. */
export interface SendTotals {
  readonly accepted: number
  readonly rejected: number
  /** Sent again after a failure, and already in the log. */
  readonly alreadyReceived: number
  /** Sequence of the next record. */
  readonly nextSequence: number
  /** Greatest event time by the input of what was sent, epoch ms; -Infinity before the first record. */
  readonly eventTimeMs: number
}

interface Chunk {
  readonly sequence: number
  readonly records: readonly FeedRecord[]
  readonly lines: Uint8Array
}

/**
 * Sends a feed as a producer that numbers its records, so that each counts once however often it has to be sent: after a failure it takes over
 * from itself and goes on where the log stands. One request is on its way while the next is made ready.
 */
export class FeedSender {
  readonly #spec: FeedSenderSpec
  #chunkRecords: number
  /** Null until the producer is open, and after a failure. */
  #epoch: number | null = null
  #lastChunkMs = Number.NEGATIVE_INFINITY
  #totals: SendTotals

  constructor(spec: FeedSenderSpec) {
    this.#spec = spec
    this.#chunkRecords = spec.chunkRecords
    this.#totals = {
      accepted: 0,
      rejected: 0,
      alreadyReceived: 0,
      nextSequence: spec.cursor.sequence,
      eventTimeMs: Number.NEGATIVE_INFINITY,
    }
  }

  /** Sends what the log does not have yet, to the end of the feed or until it is told to stop. */
  async run(): Promise<SendTotals> {
    const { cursor, patience, signal } = this.#spec
    const opened = await patience.insist(() => this.#open())
    requireNotBehind(opened, cursor.sequence)
    await cursor.skipTo(opened)
    this.#totals = { ...this.#totals, nextSequence: cursor.sequence }
    this.#spec.onBegin?.(cursor.sequence)
    let preparing = this.#prepare()
    for (;;) {
      const chunk = await preparing
      if (chunk === null || signal?.aborted === true) return this.#totals
      preparing = this.#prepare()
      // Its error is met when it is awaited, unless delivery fails first.
      preparing.catch(() => {})
      await this.#deliver(chunk)
    }
  }

  async #open(): Promise<number> {
    const { epoch, nextSequence } = await this.#spec.receiver.openProducer(this.#spec.producerId)
    this.#epoch = epoch
    return nextSequence
  }

  /** The next records that are due, once one is; null at the end. */
  async #prepare(): Promise<Chunk | null> {
    const { cursor, schedule, clock, signal, lingerMs } = this.#spec
    const sequence = cursor.sequence
    const records: FeedRecord[] = []
    let characters = 0
    while (records.length < this.#chunkRecords && characters < REQUEST_CHARACTERS && signal?.aborted !== true) {
      if (cursor.ready === undefined && !(await cursor.advance())) break
      const lingerLeftMs = records.length === 0 ? 0 : this.#lastChunkMs + lingerMs - clock.monotonicMs()
      const waitMs = schedule.waitMs(cursor.ready!.eventTimeMs)
      if (waitMs > 0 && records.length > 0 && lingerLeftMs <= 0) break
      if (waitMs > 0) {
        await delay(Math.min(waitMs, records.length > 0 ? lingerLeftMs : WAIT_MS_MAX), signal)
        continue
      }
      const record = cursor.take()
      schedule.taken()
      characters += record.kind === 'readable' ? record.members.length : record.bytes.length
      records.push(record)
    }
    if (records.length === 0) return null
    this.#lastChunkMs = clock.monotonicMs()
    return this.#chunkOf(records, sequence)
  }

  async #deliver(chunk: Chunk): Promise<void> {
    let left = chunk.records
    // It was made ready when requests may have been larger.
    let piece =
      left.length <= this.#chunkRecords ? chunk : this.#chunkOf(left.slice(0, this.#chunkRecords), chunk.sequence)
    for (;;) {
      const receipt = await this.#spec.patience.insist(() => this.#send(piece))
      const received = left.slice(0, receipt.nextSequence - piece.sequence)
      this.#count(receipt, received)
      if (receipt.tooLarge !== null) this.#sendFewer(piece.records.length, receipt.tooLarge)
      left = left.slice(received.length)
      if (left.length === 0) return
      await delay(receipt.pauseMs, this.#spec.signal)
      piece = this.#chunkOf(left.slice(0, this.#chunkRecords), receipt.nextSequence)
    }
  }

  /** @throws what the receiver said, when a single record was too many */
  #sendFewer(records: number, error: MysimbdpError): void {
    if (records === 1) throw error
    this.#chunkRecords = Math.ceil(records / 2)
  }

  #chunkOf(records: readonly FeedRecord[], sequence: number): Chunk {
    const { eventTime, eventTimeChoice, clock } = this.#spec
    return { sequence, records, lines: encodeLines(records, eventTime, eventTimeChoice, clock.nowMs()) }
  }

  /** Sends records; or, after a failure, finds out first how many of them arrived. */
  async #send({ sequence, records, lines }: Chunk): Promise<Receipt> {
    const { receiver, producerId } = this.#spec
    try {
      if (this.#epoch === null) {
        const opened = await this.#open()
        requireNotBehind(opened, sequence)
        const arrived = Math.min(opened - sequence, records.length)
        if (arrived > 0) return arrivedBefore(arrived, sequence)
      }
      const receipt = await receiver.send({ producerId, epoch: this.#epoch!, sequence, lines })
      if (receipt.failure === null || receipt.nextSequence > sequence) return receipt
      await delay(receipt.pauseMs, this.#spec.signal)
      throw receipt.failure
    } catch (error) {
      this.#epoch = null
      throw error
    }
  }

  #count({ accepted, rejected, alreadyReceived }: Receipt, received: readonly FeedRecord[]): void {
    const totals = this.#totals
    this.#totals = {
      accepted: totals.accepted + accepted,
      rejected: totals.rejected + rejected,
      alreadyReceived: totals.alreadyReceived + alreadyReceived,
      nextSequence: totals.nextSequence + received.length,
      eventTimeMs: received.reduce((max, { eventTimeMs }) => Math.max(max, eventTimeMs), totals.eventTimeMs),
    }
    this.#spec.onProgress?.(this.#totals)
  }
}

function requireNotBehind(nextSequence: number, sequence: number): void {
  if (nextSequence >= sequence) return
  throw new MysimbdpError(
    'MSB_LOG_SEQUENCE_GAP',
    `the platform goes on with record ${nextSequence}, and had acknowledged those before ${sequence}: its log was replaced by an older one`,
    { hint: 'Run the same command again: it goes on where the log stands now.' },
  )
}

const arrivedBefore = (alreadyReceived: number, sequence: number): Receipt => ({
  accepted: 0,
  rejected: 0,
  alreadyReceived,
  nextSequence: sequence + alreadyReceived,
  pauseMs: 0,
  tooLarge: null,
  failure: null,
})
