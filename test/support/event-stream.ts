export interface ServerEvent {
  readonly id: string
  readonly event: string
  readonly data: string
}

/** Reads server-sent events one by one. */
export class EventStream {
  readonly #reader: ReadableStreamDefaultReader<string>
  readonly #abort: AbortController
  #text = ''

  private constructor(reader: ReadableStreamDefaultReader<string>, abort: AbortController) {
    this.#reader = reader
    this.#abort = abort
  }

  static async open(url: string, lastEventId?: string): Promise<EventStream> {
    const abort = new AbortController()
    const response = await fetch(url, {
      signal: abort.signal,
      headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
    })
    return new EventStream(response.body!.pipeThrough(new TextDecoderStream()).getReader(), abort)
  }

  async next(): Promise<ServerEvent> {
    for (;;) {
      const end = this.#text.indexOf('\n\n')
      if (end >= 0) {
        const lines = this.#text.slice(0, end).split('\n')
        this.#text = this.#text.slice(end + 2)
        const field = (name: string): string =>
          lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? ''
        if (field('event') !== '') return { id: field('id'), event: field('event'), data: field('data') }
        continue
      }
      const { value, done } = await this.#reader.read()
      if (done) throw new Error('the stream has ended')
      this.#text += value
    }
  }

  close(): void {
    this.#abort.abort()
  }
}
