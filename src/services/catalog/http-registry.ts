import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { type Clock, systemClock } from '#foundation/time/clock.ts'
import { delay } from '#foundation/time/timers.ts'
import { parseAvroType } from '#language/schemas/avro/parse-avro-schema.ts'
import { isCompatibilityLevel, violations } from './compatibility-level.ts'
import type { RegisteredSchema, SchemaRegistry } from './schema-registry.ts'

export interface HttpRegistryOptions {
  /** What stands before `/subjects`; may have a path, as in `http://127.0.0.1:27081/apis/ccompat/v7`. */
  readonly url: string
  readonly username?: string
  readonly password?: string
  /** Of one attempt; 5 s by default. */
  readonly timeoutMs?: number
  /** How often a request is made in all, when the registry does not answer or says that it cannot now; 4 by default. */
  readonly attempts?: number
  readonly clock?: Clock
}

const TIMEOUT_MS = 5000
const ATTEMPTS = 4
/** Before the second attempt; twice as long before each one after. */
const FIRST_PAUSE_MS = 200
/** For so long an id that the registry does not know is not asked for again: records with such ids may come in great numbers. */
const UNKNOWN_ID_MS = 1000

const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json'

interface Answer {
  readonly status: number
  readonly document: Readonly<Record<string, unknown>>
}

/** A schema registry that others run, over the REST routes of Confluent's. */
export class HttpRegistry implements SchemaRegistry {
  readonly #options: HttpRegistryOptions
  readonly #base: string
  readonly #clock: Clock
  /** An id never gets another schema. */
  readonly #schemas = new Map<number, string>()
  /** Until when an id counts as unknown, by the monotonic clock. */
  readonly #unknownUntilMs = new Map<number, number>()

  constructor(options: HttpRegistryOptions) {
    this.#options = options
    this.#base = options.url.replace(/\/+$/, '')
    this.#clock = options.clock ?? systemClock
  }

  async register(subject: string, schema: string): Promise<number> {
    const answer = await this.#send('POST', `/subjects/${encodeURIComponent(subject)}/versions`, { schema })
    const id = answer.document.id
    if (answer.status !== 200 || typeof id !== 'number') throw this.#refusal(answer, `'${subject}' is not registered`)
    return id
  }

  async lookUp(subject: string, schema: string): Promise<RegisteredSchema | undefined> {
    const answer = await this.#send('POST', `/subjects/${encodeURIComponent(subject)}`, { schema })
    return this.#registeredOf(answer, subject)
  }

  async latest(subject: string): Promise<RegisteredSchema | undefined> {
    const answer = await this.#send('GET', `/subjects/${encodeURIComponent(subject)}/versions/latest`)
    return this.#registeredOf(answer, subject)
  }

  async byId(id: number): Promise<string | undefined> {
    const known = this.#schemas.get(id)
    if (known !== undefined) return known
    const nowMs = this.#clock.monotonicMs()
    if ((this.#unknownUntilMs.get(id) ?? -1) > nowMs) return undefined
    const answer = await this.#send('GET', `/schemas/ids/${id}`)
    const { schema } = answer.document
    if (answer.status === 404) {
      this.#forgetOld(nowMs)
      this.#unknownUntilMs.set(id, nowMs + UNKNOWN_ID_MS)
      return undefined
    }
    if (answer.status !== 200 || typeof schema !== 'string') throw this.#refusal(answer, `schema ${id} is not given`)
    this.#schemas.set(id, schema)
    return schema
  }

  async violations(subject: string, schema: string): Promise<readonly string[]> {
    const path = `/compatibility/subjects/${encodeURIComponent(subject)}/versions/latest?verbose=true`
    const answer = await this.#send('POST', path, { schema })
    if (answer.status === 404) return []
    const { is_compatible: isCompatible, messages, reason } = answer.document
    if (answer.status !== 200 || typeof isCompatible !== 'boolean')
      throw this.#refusal(answer, `'${subject}' is not compared`)
    if (isCompatible) return []
    const named = await this.#ownViolations(subject, schema)
    if (named.length > 0) return named
    const said = (Array.isArray(messages) ? messages : [reason]).filter((one) => typeof one === 'string')
    return said.length > 0 ? said : ['the registry says that it is not compatible with the newest version']
  }

  /** In our words, which name the fields: not every registry says more than no. */
  async #ownViolations(subject: string, schema: string): Promise<readonly string[]> {
    const latest = await this.latest(subject)
    const level = await this.#levelOf(subject)
    if (latest === undefined || !isCompatibilityLevel(level)) return []
    return violations(level, parseAvroType(schema), parseAvroType(latest.schema)).map(
      (sentence) => `version ${latest.version}: ${sentence}`,
    )
  }

  /**
   * The level by which it was refused: its own, or that of all subjects. Apicurio says NONE of a subject that has none of its own, and then
   * goes by that of all.
   */
  async #levelOf(subject: string): Promise<unknown> {
    const own = await this.#send('GET', `/config/${encodeURIComponent(subject)}?defaultToGlobal=true`)
    const { compatibilityLevel } = own.document
    if (own.status === 200 && compatibilityLevel !== 'NONE') return compatibilityLevel
    return (await this.#send('GET', '/config')).document.compatibilityLevel
  }

  #registeredOf(answer: Answer, subject: string): RegisteredSchema | undefined {
    if (answer.status === 404) return undefined
    const { id, version, schema } = answer.document
    const isComplete = typeof id === 'number' && typeof version === 'number' && typeof schema === 'string'
    if (answer.status !== 200 || !isComplete) throw this.#refusal(answer, `'${subject}' is not found`)
    return { subject, version, id, schema }
  }

  /** Keeps what is remembered of unknown ids bounded by the requests of a second. */
  #forgetOld(nowMs: number): void {
    for (const [id, untilMs] of this.#unknownUntilMs) if (untilMs <= nowMs) this.#unknownUntilMs.delete(id)
  }

  async #send(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> {
    const { attempts = ATTEMPTS } = this.#options
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#attempt(method, path, body)
      const isAnswer = !(answer instanceof Error) && answer.status < 500 && answer.status !== 429
      if (isAnswer) return answer
      if (attempt >= attempts) throw this.#unavailable(answer)
      await delay(FIRST_PAUSE_MS * 2 ** (attempt - 1))
    }
  }

  async #attempt(method: string, path: string, body?: object): Promise<Answer | Error> {
    const { username, password = '', timeoutMs = TIMEOUT_MS } = this.#options
    const login = username === undefined ? null : Buffer.from(`${username}:${password}`).toString('base64')
    try {
      const response = await fetch(`${this.#base}${path}`, {
        method,
        headers: {
          accept: `${CONTENT_TYPE}, application/json`,
          ...(body !== undefined && { 'content-type': CONTENT_TYPE }),
          ...(login !== null && { authorization: `Basic ${login}` }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeoutMs),
      })
      return { status: response.status, document: documentOf(await response.text()) }
    } catch (error) {
      return error as Error
    }
  }

  #unavailable(answer: Answer | Error): MysimbdpError {
    const why =
      answer instanceof Error
        ? ((answer.cause as Error | undefined)?.message ?? answer.message)
        : `it answers with status ${answer.status}${saidIn(answer)}`
    return new MysimbdpError(
      'MSB_REGISTRY_UNAVAILABLE',
      `the schema registry at ${this.#base} does not answer: ${why}`,
      {
        cause: answer instanceof Error ? answer : undefined,
      },
    )
  }

  #refusal(answer: Answer, what: string): MysimbdpError {
    const code =
      answer.status === 409
        ? 'MSB_SCHEMA_INCOMPATIBLE'
        : answer.status === 422
          ? 'MSB_SCHEMA_INVALID'
          : 'MSB_REGISTRY_REFUSED'
    const said = answer.status === 200 ? ', and its answer is that of no registry' : saidIn(answer)
    return new MysimbdpError(
      code,
      `${what}: the schema registry at ${this.#base} answers with status ${answer.status}${said}`,
    )
  }
}

const saidIn = ({ document }: Answer): string =>
  typeof document.message === 'string' ? `, '${document.message.slice(0, 500)}'` : ''

/** What is no object of JSON says nothing. */
function documentOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const document: unknown = JSON.parse(text)
    return typeof document === 'object' && document !== null ? (document as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
