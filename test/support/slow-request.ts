import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { Answer } from './live-host.ts'

/** A request whose body is sent piece by piece, or never to its end. */
export class SlowRequest {
  readonly #request: ClientRequest
  readonly #response: Promise<IncomingMessage>

  constructor(url: string, headers: Readonly<Record<string, string>> = {}, method = 'POST') {
    this.#request = request(url, { method, headers: { 'content-type': 'application/x-ndjson', ...headers } })
    this.#response = once(this.#request, 'response').then(([response]) => response as IncomingMessage)
    // Whoever cuts the connection does not wait for the answer.
    this.#response.catch(() => {})
    this.#request.flushHeaders()
  }

  async write(bytes: string | Uint8Array): Promise<void> {
    await new Promise<void>((resolve, reject) =>
      this.#request.write(bytes, (error) => (error ? reject(error) : resolve())),
    )
  }

  /** Takes the connection away in the middle. */
  cut(): void {
    this.#request.destroy()
  }

  end(): void {
    this.#request.end()
  }

  /** What is answered, also before the body has ended. */
  async replied(): Promise<{
    readonly status: number
    readonly headers: IncomingMessage['headers']
    readonly answer: Answer
    readonly text: string
  }> {
    const response = await this.#response
    response.setEncoding('utf8')
    let text = ''
    for await (const piece of response) text += piece
    const answer = text.startsWith('{') ? (JSON.parse(text) as Answer) : {}
    return { status: response.statusCode!, headers: response.headers, answer, text }
  }
}
