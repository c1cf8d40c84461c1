import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'

/** What stands behind the `?` of a URL. A name that is given twice has several values. */
export type QueryParameters = Readonly<Record<string, string | readonly string[]>>

const refuse = (message: string): never => {
  throw new MysimbdpError('MSB_REQUEST_INVALID', message)
}

/** @throws MSB_REQUEST_INVALID for a name that is not among `known` (one that ends in `*` stands for all that begin so) */
export function requireKnown(parameters: QueryParameters, known: readonly string[]): void {
  const isKnown = (name: string): boolean =>
    known.some((one) => (one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : name === one))
  for (const name of Object.keys(parameters))
    if (!isKnown(name))
      refuse(`there is no parameter '${name}' here; there ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}`)
}

/** Undefined when it is absent. @throws MSB_REQUEST_INVALID when it is given more than once */
export function textOf(parameters: QueryParameters, name: string): string | undefined {
  const value = parameters[name]
  if (value !== undefined && typeof value !== 'string') refuse(`parameter '${name}' is given more than once`)
  return value as string | undefined
}

/** Epoch ms or ISO 8601, as epoch ms. @throws MSB_REQUEST_INVALID */
export function instantOf(parameters: QueryParameters, name: string): number | undefined {
  const text = textOf(parameters, name)
  if (text === undefined) return undefined
  const ms = /^-?\d{1,16}$/.test(text) ? Number(text) : /^\d{4}-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(ms)
    ? refuse(`parameter '${name}' must be a time, as epoch milliseconds or ISO 8601, and is '${text}'`)
    : ms
}

/** @throws MSB_REQUEST_INVALID when it is no whole number from 1 to `most` */
export function countOf(parameters: QueryParameters, name: string, most: number): number | undefined {
  const text = textOf(parameters, name)
  if (text === undefined) return undefined
  const count = /^\d{1,15}$/.test(text) ? Number(text) : 0
  return count >= 1 && count <= most
    ? count
    : refuse(`parameter '${name}' must be a whole number from 1 to ${most.toLocaleString('en-US')}, and is '${text}'`)
}

/** @throws MSB_REQUEST_INVALID when it is none of the choices */
export function choiceOf<C extends string>(
  parameters: QueryParameters,
  name: string,
  choices: readonly [C, ...C[]],
): C {
  const text = textOf(parameters, name) ?? choices[0]
  return (
    choices.find((choice) => choice === text) ??
    refuse(`parameter '${name}' must be ${choices.join(' or ')}, and is '${text}'`)
  )
}
