import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { delay } from '#foundation/time/timers.ts'

/** As Connect says it: `RUNNING`, `FAILED`, `PAUSED`, `UNASSIGNED`, `STOPPED`, `RESTARTING`. */
export type ConnectState = string

export interface TaskStatus {
  readonly id: number
  readonly state: ConnectState
  readonly worker_id: string
  /** Of a failed task: the stack of what it failed with. */
  readonly trace?: string
}

export interface ConnectorStatus {
  readonly name: string
  readonly connector: { readonly state: ConnectState; readonly worker_id: string; readonly trace?: string }
  readonly tasks: readonly TaskStatus[]
}

export type ConnectorConfig = Readonly<Record<string, string>>

const ANSWER_TIMEOUT_MS = 30_000
/** While workers share out connectors anew, Connect answers 409: ask again. */
const REBALANCING = 409
const REWIND_ATTEMPTS = 60
const REWIND_PAUSE_MS = 250

/** Speaks to Kafka Connect. @throws MSB_SINK_UNREACHABLE, MSB_SINK_REFUSED with what Connect says */
export class ConnectClient {
  readonly #url: string
  readonly #headers: Readonly<Record<string, string>>

  constructor({
    url,
    username,
    password = '',
  }: { readonly url: string; readonly username?: string; readonly password?: string }) {
    this.#url = url.replace(/\/$/, '')
    const credentials = Buffer.from(`${username}:${password}`).toString('base64')
    this.#headers = {
      'content-type': 'application/json',
      ...(username !== undefined && { authorization: `Basic ${credentials}` }),
    }
  }

  async list(): Promise<readonly string[]> {
    return (await this.#ask('GET', '/connectors')) as readonly string[]
  }

  /** Class names of the connectors that the workers have. */
  async plugins(): Promise<readonly string[]> {
    const found = (await this.#ask('GET', '/connector-plugins?connectorsOnly=false')) as readonly { class: string }[]
    return found.map((plugin) => plugin.class)
  }

  /** Undefined where there is no such connector. */
  async config(name: string): Promise<ConnectorConfig | undefined> {
    return (await this.#ask('GET', `${pathOf(name)}/config`)) as ConnectorConfig | undefined
  }

  /** Creates the connector, or changes it. */
  async putConfig(name: string, config: ConnectorConfig): Promise<void> {
    await this.#ask('PUT', `${pathOf(name)}/config`, config)
  }

  async status(name: string): Promise<ConnectorStatus | undefined> {
    return (await this.#ask('GET', `${pathOf(name)}/status`)) as ConnectorStatus | undefined
  }

  async restartTask(name: string, task: number): Promise<void> {
    await this.#ask('POST', `${pathOf(name)}/tasks/${task}/restart`)
  }

  /** The connector itself, without its tasks. */
  async restartConnector(name: string): Promise<void> {
    await this.#ask('POST', `${pathOf(name)}/restart`)
  }

  /**
   * Has a connector read its topics from the beginning again. Connect forgets offsets of a stopped connector alone, and only once its consumers
   * are gone.
   */
  async rewind(name: string): Promise<void> {
    await this.#ask('PUT', `${pathOf(name)}/stop`)
    try {
      for (let attempt = 1; ; attempt++) {
        const isStopped = (await this.status(name))?.connector.state === 'STOPPED'
        if (isStopped && (await this.#forgetsOffsets(name, attempt === REWIND_ATTEMPTS))) return
        if (attempt === REWIND_ATTEMPTS)
          throw new MysimbdpError('MSB_SINK_UNREACHABLE', `connector '${name}' does not stop, so it cannot read again`)
        await delay(REWIND_PAUSE_MS)
      }
    } finally {
      await this.#ask('PUT', `${pathOf(name)}/resume`)
    }
  }

  async #forgetsOffsets(name: string, isLastAttempt: boolean): Promise<boolean> {
    try {
      await this.#ask('DELETE', `${pathOf(name)}/offsets`)
      return true
    } catch (error) {
      if (isLastAttempt) throw error
      return false
    }
  }

  async delete(name: string): Promise<void> {
    await this.#ask('DELETE', pathOf(name))
  }

  /** Undefined for 404. */
  async #ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await this.#fetch(method, path, body)
    const text = await response.text()
    if (response.status === 404) return undefined
    if (response.ok) return text === '' ? null : JSON.parse(text)
    const code = response.status === REBALANCING || response.status >= 500 ? 'MSB_SINK_UNREACHABLE' : 'MSB_SINK_REFUSED'
    throw new MysimbdpError(code, `Kafka Connect answers ${response.status} to ${method} ${path}: ${messageOf(text)}`)
  }

  async #fetch(method: string, path: string, body: unknown): Promise<Response> {
    try {
      return await fetch(`${this.#url}${path}`, {
        method,
        headers: this.#headers,
        signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
    } catch (error) {
      throw new MysimbdpError('MSB_SINK_UNREACHABLE', `Kafka Connect at ${this.#url} does not answer`, { cause: error })
    }
  }
}

const pathOf = (name: string): string => `/connectors/${encodeURIComponent(name)}`

function messageOf(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text
  } catch {
    return text
  }
}
