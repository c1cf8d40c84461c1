import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { sha256 } from '#foundation/hash/sha256.ts'
import { eventsHandled } from '#foundation/time/timers.ts'
import type { SampleOptions, StreamSample } from '#language/query/stream.ts'
import type { Source } from '../source.ts'

const CHUNK_CHARACTERS = 128 * 1024

/** The generated sample that an app brings along, as if it were a file of NDJSON. */
export class SampleSource implements Source {
  readonly name: string
  readonly format = 'json'
  #records = 0
  readonly #sample: StreamSample
  readonly #options: SampleOptions

  constructor(stream: string, sample: StreamSample, options: SampleOptions) {
    this.name = `generated sample of ${stream}`
    this.#sample = sample
    this.#options = options
  }

  get progress(): number {
    return Math.min(1, this.#records / this.#options.records)
  }

  async identity(): Promise<string> {
    return this.stamp()
  }

  stamp(): string {
    return `sample:${sha256(JSON.stringify(this.#options))}`
  }

  *#lines(): Iterable<string> {
    try {
      yield* this.#sample.generate(this.#options)
    } catch (cause) {
      throw new MysimbdpError('MSB_CLI_USAGE', `the ${this.name} cannot be generated: ${(cause as Error).message}`, {
        cause,
      })
    }
  }

  async *chunks(): AsyncIterable<Uint8Array> {
    const encoder = new TextEncoder()
    this.#records = 0
    let text = ''
    for (const line of this.#lines()) {
      text += `${line}\n`
      this.#records++
      if (text.length < CHUNK_CHARACTERS) continue
      // Nothing else here waits for the outside: Ctrl-C would not be heard before the end.
      await eventsHandled()
      yield encoder.encode(text)
      text = ''
    }
    if (text.length > 0) yield encoder.encode(text)
  }

  parts(): null {
    return null
  }

  partRead(): void {}
}
