import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { nearestName } from '#foundation/text/nearest-name.ts'

/** A document that is nested more deeply is refused: whoever walks over it calls itself for each level. */
const DEPTH_MAX = 1000

/** A place in a document of unknown shape; every question about it either answers or says where the document is wrong. */
export class DocumentReader {
  readonly #value: unknown
  readonly #path: string
  readonly #depth: number

  constructor(value: unknown, path: string, depth = 0) {
    this.#value = value
    this.#path = path
    this.#depth = depth
    if (depth > DEPTH_MAX)
      throw new MysimbdpError(
        'MSB_PLAN_MALFORMED',
        `${path.slice(0, 200)}… is nested more than ${DEPTH_MAX} levels deep`,
      )
  }

  /** @param path what to call the document in messages */
  static ofJson(text: string, path: string): DocumentReader {
    try {
      return new DocumentReader(JSON.parse(text), path)
    } catch (cause) {
      throw new MysimbdpError('MSB_PLAN_MALFORMED', `the ${path} is no JSON: ${(cause as Error).message}`, { cause })
    }
  }

  #inner(value: unknown, place: string): DocumentReader {
    return new DocumentReader(value, `${this.#path}${place}`, this.#depth + 1)
  }

  refuse(expected: string): never {
    throw new MysimbdpError(
      'MSB_PLAN_MALFORMED',
      `${this.#path} must be ${expected}, and is ${valueText(this.#value)}`.slice(0, 300),
    )
  }

  get(name: string): DocumentReader {
    if (typeof this.#value !== 'object' || this.#value === null || Array.isArray(this.#value)) this.refuse('an object')
    return this.#inner((this.#value as Record<string, unknown>)[name], `.${name}`)
  }

  /** Refuses members that nobody would read: a name that is misspelt must not go unnoticed. */
  only(names: readonly string[]): void {
    if (typeof this.#value !== 'object' || this.#value === null || Array.isArray(this.#value)) this.refuse('an object')
    for (const name of Object.keys(this.#value)) if (!names.includes(name)) this.#refuseName(name, names)
  }

  /** What stands there is not shown: it may be a secret. */
  #refuseName(name: string, names: readonly string[]): never {
    const nearest = nearestName(name, names)
    const meant = nearest === undefined ? '' : `; '${nearest}' is`
    throw new MysimbdpError(
      'MSB_PLAN_MALFORMED',
      `${this.#path}.${name} is not known${meant} (known here: ${names.join(', ')})`.slice(0, 400),
    )
  }

  items<T>(read: (item: DocumentReader) => T): readonly T[] {
    return Array.isArray(this.#value)
      ? this.#value.map((item, i) => read(this.#inner(item, `[${i}]`)))
      : this.refuse('a list')
  }

  /** The members of an object whose names are data. */
  entries<T>(read: (value: DocumentReader) => T): Readonly<Record<string, T>> {
    if (typeof this.#value !== 'object' || this.#value === null || Array.isArray(this.#value)) this.refuse('an object')
    return Object.fromEntries(Object.keys(this.#value).map((name) => [name, read(this.get(name))]))
  }

  /** Absent, or something. */
  optional<T>(read: (value: DocumentReader) => T): T | undefined {
    return this.#value === undefined ? undefined : read(this)
  }

  text(): string {
    return typeof this.#value === 'string' ? this.#value : this.refuse('a text')
  }

  /** A text that is not shown where something else stands in its place. */
  secret(): string {
    if (typeof this.#value === 'string') return this.#value
    throw new MysimbdpError(
      'MSB_PLAN_MALFORMED',
      `${this.#path} must be a text, and is ${this.#value === undefined ? 'absent' : 'something else'}`,
    )
  }

  whole(): number {
    return Number.isSafeInteger(this.#value) ? (this.#value as number) : this.refuse('a whole number')
  }

  truth(): boolean {
    return typeof this.#value === 'boolean' ? this.#value : this.refuse('true or false')
  }

  orNull<T>(read: (value: DocumentReader) => T): T | null {
    return this.#value === null ? null : read(this)
  }

  oneOf<T extends string>(choices: readonly T[]): T {
    return choices.includes(this.#value as T) ? (this.#value as T) : this.refuse(`one of ${choices.join(', ')}`)
  }

  scalar(): string | number | boolean | null {
    const scalar = this.#value === null || ['string', 'number', 'boolean'].includes(typeof this.#value)
    return scalar ? (this.#value as string | number | boolean | null) : this.refuse('a text, number, boolean or null')
  }
}

function valueText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'absent'
  } catch {
    return 'nested too deeply to be shown'
  }
}
