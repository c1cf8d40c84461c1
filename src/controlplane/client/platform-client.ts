import { type ErrorCode, errorCodes } from '#foundation/errors/error-codes.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { DEFAULT_DATA_FOLDER, readPlatformFile } from './platform-file.ts'

export interface PlatformPlace {
  /** As `start` printed it. */
  readonly url?: string
  /** The data folder of the platform, when no URL is given. */
  readonly data?: string
}

interface ErrorDocument {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly hint?: string
    readonly where?: Readonly<Record<string, string | number>>
  }
}

/** A running platform, asked over HTTP. Every method throws what the platform answers, or MSB_PLATFORM_NOT_FOUND. */
export class PlatformClient {
  readonly url: string

  private constructor(url: string) {
    this.url = url
  }

  /** @throws MSB_PLATFORM_NOT_FOUND when no platform has left its address in the data folder */
  static find({ url, data = DEFAULT_DATA_FOLDER }: PlatformPlace): PlatformClient {
    const found = url ?? readPlatformFile(data)?.url
    if (found === undefined)
      throw new MysimbdpError('MSB_PLATFORM_NOT_FOUND', `no platform runs on the data folder '${data}'`)
    return new PlatformClient(found.replace(/\/$/, ''))
  }

  async get<T>(path: string): Promise<T> {
    return (await this.request(path)).json() as Promise<T>
  }

  /** Sends a JSON document, or nothing. */
  async post<T>(path: string, document?: unknown): Promise<T> {
    const response = await this.request(path, {
      method: 'POST',
      ...(document !== undefined && {
        body: JSON.stringify(document),
        headers: { 'content-type': 'application/json' },
      }),
    })
    return response.json() as Promise<T>
  }

  /** The answer as it comes, for what is read piece by piece. */
  async request(path: string, init: RequestInit = {}): Promise<Response> {
    const response = await this.ask(path, init)
    if (!response.ok) throw await errorOf(response)
    return response
  }

  /** The same, and an answer that is an error is an answer too: see `errorOf`. */
  async ask(path: string, init: RequestInit = {}): Promise<Response> {
    try {
      return await fetch(`${this.url}${path}`, init)
    } catch (cause) {
      const { message } = ((cause as Error).cause as Error | undefined) ?? (cause as Error)
      throw new MysimbdpError('MSB_PLATFORM_NOT_FOUND', `the platform at ${this.url} does not answer: ${message}`, {
        cause,
      })
    }
  }
}

/** The error that a platform answered. `text` is the body, when it was read already. */
export async function errorOf(response: Response, text?: string): Promise<MysimbdpError> {
  const body = text ?? (await response.text())
  try {
    const { code, message, hint, where } = (JSON.parse(body) as ErrorDocument).error
    if (!(code in errorCodes)) throw new RangeError(code)
    return new MysimbdpError(code as ErrorCode, message, {
      ...(hint !== undefined && { hint }),
      ...(where !== undefined && { where }),
    })
  } catch {
    return new MysimbdpError(
      'MSB_PLATFORM_NOT_FOUND',
      `what answers at ${response.url} is no platform: status ${response.status}`,
    )
  }
}
