import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { ProducerStanding, Receipt, RecordReceiver, SentRecords } from './record-receiver.ts'

/** Keeps what it receives, by the rules of a log with producers (semantics 7.2), and fails when a test says so. */
export class RememberingReceiver implements RecordReceiver {
  readonly received = new Map<string, string[]>()
  readonly requestRecords: number[] = []
  readonly #epochs = new Map<string, number>()
  /** Asked before each call; an error that it answers is thrown instead. */
  failure: (call: 'known' | 'open' | 'send' | 'answer') => MysimbdpError | null = () => null
  /** How many records of a request are taken; all when absent. */
  takes: ((records: number) => Partial<Receipt> & { readonly records: number }) | null = null

  async knownProducer(producerId: string): Promise<ProducerStanding | null> {
    this.#failIfTold('known')
    const lines = this.received.get(producerId)
    return lines === undefined ? null : { epoch: this.#epochs.get(producerId)!, nextSequence: lines.length }
  }

  async openProducer(producerId: string): Promise<ProducerStanding> {
    this.#failIfTold('open')
    const lines = this.received.get(producerId) ?? []
    this.received.set(producerId, lines)
    const epoch = (this.#epochs.get(producerId) ?? 0) + 1
    this.#epochs.set(producerId, epoch)
    return { epoch, nextSequence: lines.length }
  }

  async send({ producerId, epoch, sequence, lines }: SentRecords): Promise<Receipt> {
    this.#failIfTold('send')
    const log = this.received.get(producerId)!
    if (epoch < this.#epochs.get(producerId)!)
      throw new MysimbdpError('MSB_LOG_PRODUCER_FENCED', 'a newer one took over')
    if (sequence > log.length) throw new MysimbdpError('MSB_LOG_SEQUENCE_GAP', `${sequence} after ${log.length}`)
    const records = Buffer.from(lines).toString().split('\n').slice(0, -1)
    this.requestRecords.push(records.length)
    const { records: taken, ...said } = this.takes?.(records.length) ?? { records: records.length }
    const alreadyReceived = Math.min(log.length - sequence, taken)
    log.push(...records.slice(alreadyReceived, taken))
    this.#failIfTold('answer')
    const accepted = taken - alreadyReceived
    const nextSequence = sequence + taken
    return { accepted, rejected: 0, alreadyReceived, nextSequence, pauseMs: 0, tooLarge: null, failure: null, ...said }
  }

  #failIfTold(call: 'known' | 'open' | 'send' | 'answer'): void {
    const error = this.failure(call)
    if (error !== null) throw error
  }
}
