import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { ProducerStanding, Receipt, RecordReceiver, SentRecords } from '#services/emulation/record-receiver.ts'
import { errorOf, PlatformClient, type PlatformPlace } from './platform-client.ts'

const [NOT_FOUND, TOO_LARGE, BUSY] = [404, 413, 429]
const PAUSE_MS_DEFAULT = 1000

type Totals = Pick<Receipt, 'accepted' | 'rejected' | 'alreadyReceived'> & { readonly nextSequence: number }

/** The stream of a running platform. A platform that went away is looked for anew: it may come back at another address. */
export class HttpRecordReceiver implements RecordReceiver {
  readonly #place: PlatformPlace
  readonly #path: string
  #client: PlatformClient | null = null

  constructor(place: PlatformPlace, app: string, stream: string) {
    this.#place = place
    this.#path = `/v1/apps/${encodeURIComponent(app)}/streams/${encodeURIComponent(stream)}`
  }

  async knownProducer(producerId: string): Promise<ProducerStanding | null> {
    const { response, text } = await this.#ask(this.#producerPath(producerId))
    // Where it is the app or the stream that is unknown, opening the producer says so.
    return response.status === NOT_FOUND ? null : standingIn(response, text)
  }

  async openProducer(producerId: string): Promise<ProducerStanding> {
    const { response, text } = await this.#ask(this.#producerPath(producerId), { method: 'POST' })
    return standingIn(response, text)
  }

  async send({ producerId, epoch, sequence, lines }: SentRecords): Promise<Receipt> {
    const place = `producer=${encodeURIComponent(producerId)}&epoch=${epoch}&sequence=${sequence}`
    const { response, text } = await this.#ask(`${this.#path}/records?${place}`, {
      method: 'POST',
      body: lines as Uint8Array<ArrayBuffer>,
      headers: { 'content-type': 'application/x-ndjson' },
    })
    const totals = totalsIn(text)
    if (response.ok && totals !== null) return { ...totals, pauseMs: 0, tooLarge: null, failure: null }
    const error = await errorOf(response, text)
    const taken = totals ?? { accepted: 0, rejected: 0, alreadyReceived: 0, nextSequence: sequence }
    if (response.status === TOO_LARGE) return { ...taken, pauseMs: 0, tooLarge: error, failure: null }
    if (response.ok || error.retry === 'never') throw error
    const failure = response.status === BUSY ? null : error
    return { ...taken, pauseMs: pauseMsOf(response), tooLarge: null, failure }
  }

  #producerPath(producerId: string): string {
    return `${this.#path}/producers/${encodeURIComponent(producerId)}`
  }

  async #ask(path: string, init: RequestInit = {}): Promise<{ readonly response: Response; readonly text: string }> {
    try {
      this.#client ??= PlatformClient.find(this.#place)
      const response = await this.#client.ask(path, init)
      return { response, text: await wholeText(response) }
    } catch (error) {
      this.#client = null
      throw error
    }
  }
}

/** A platform that is killed while it answers leaves half an answer. */
async function wholeText(response: Response): Promise<string> {
  try {
    return await response.text()
  } catch (cause) {
    throw new MysimbdpError('MSB_PLATFORM_NOT_FOUND', `the platform at ${response.url} went away while it answered`, {
      cause,
    })
  }
}

async function standingIn(response: Response, text: string): Promise<ProducerStanding> {
  if (!response.ok) throw await errorOf(response, text)
  return JSON.parse(text) as ProducerStanding
}

/** What of a request was taken: the answer says so, and so does an error that ended it in the middle. */
function totalsIn(text: string): Totals | null {
  try {
    const answer = JSON.parse(text) as Partial<Totals> & { readonly error?: Partial<Totals> }
    const { accepted, rejected, alreadyReceived, nextSequence } =
      answer.nextSequence === undefined ? (answer.error ?? {}) : answer
    if (typeof nextSequence !== 'number') return null
    return { accepted: accepted ?? 0, rejected: rejected ?? 0, alreadyReceived: alreadyReceived ?? 0, nextSequence }
  } catch {
    return null
  }
}

function pauseMsOf(response: Response): number {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : PAUSE_MS_DEFAULT
}
