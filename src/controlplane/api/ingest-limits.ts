import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { byteText } from '#foundation/size/byte-size.ts'
import { TIMED_OUT, within } from '#foundation/time/timers.ts'

/** How much of the platform one sender may take. */
export interface IngestLimits {
  /** Requests that bring records to one app at the same time, uploads among them; one more is answered with 429. */
  readonly requestsMax: number
  /** Bytes of records in one request, after decompression. */
  readonly requestBytesMax: number
  /** Bytes of an uploaded file, as it is sent. */
  readonly uploadBytesMax: number
  /** How long a request may send nothing. */
  readonly silenceMs: number
}

export const defaultIngestLimits: IngestLimits = {
  requestsMax: 64,
  requestBytesMax: 1024 ** 3,
  uploadBytesMax: 16 * 1024 ** 3,
  silenceMs: 30_000,
}

/** Lets a number of requests in at a time, app by app, so that one tenant's senders cannot take the places of another's. */
export class IngestGate {
  readonly #requestsMax: number
  readonly #inside = new Map<string, number>()

  constructor({ requestsMax }: IngestLimits) {
    this.#requestsMax = requestsMax
  }

  /** Answers how to leave. @throws MSB_INGEST_BUSY */
  enter(app: string): () => void {
    const inside = this.#inside.get(app) ?? 0
    if (inside >= this.#requestsMax)
      throw new MysimbdpError('MSB_INGEST_BUSY', `${inside} requests are bringing records to app '${app}' already`)
    this.#inside.set(app, inside + 1)
    return () => void this.#inside.set(app, this.#inside.get(app)! - 1)
  }
}

/** The pieces of a body within its limits. @throws MSB_REQUEST_TOO_LARGE, MSB_REQUEST_TOO_SLOW */
export async function* limited(
  pieces: AsyncIterable<Uint8Array>,
  { bytesMax, silenceMs }: { readonly bytesMax: number; readonly silenceMs: number },
): AsyncIterable<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]()
  let bytes = 0
  try {
    for (;;) {
      const next = await within(iterator.next(), silenceMs)
      if (next === TIMED_OUT) throw new MysimbdpError('MSB_REQUEST_TOO_SLOW', `nothing came for ${silenceMs / 1000} s`)
      if (next.done === true) return
      bytes += next.value.length
      if (bytes > bytesMax)
        throw new MysimbdpError('MSB_REQUEST_TOO_LARGE', `one request may bring ${byteText(bytesMax)}`)
      yield next.value
    }
  } finally {
    // Not waited for: a sender that is silent may stay so.
    void iterator.return?.()
  }
}
