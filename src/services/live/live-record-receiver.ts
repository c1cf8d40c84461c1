import type { ProducerStanding, Receipt, RecordReceiver, SentRecords } from '../emulation/record-receiver.ts'
import type { LiveApp } from './live-app.ts'

/** A stream of an app that runs in this process. */
export class LiveRecordReceiver implements RecordReceiver {
  readonly #live: LiveApp
  readonly #stream: string

  constructor(live: LiveApp, stream: string) {
    this.#live = live
    this.#stream = stream
  }

  knownProducer(producerId: string): Promise<ProducerStanding | null> {
    return this.#live.knownProducer(this.#stream, producerId)
  }

  openProducer(producerId: string): Promise<ProducerStanding> {
    return this.#live.openProducer(this.#stream, producerId)
  }

  async send({ producerId, epoch, sequence, lines }: SentRecords): Promise<Receipt> {
    const producer = { producerId, epoch, sequence }
    const totals = await this.#live.append({ stream: this.#stream, format: 'json', producer }, once(lines))
    return { ...totals, nextSequence: totals.nextSequence!, pauseMs: 0, tooLarge: null, failure: null }
  }
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}
