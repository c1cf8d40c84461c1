import type { ErrorCode } from '#foundation/errors/error-codes.ts'
import { knownError, statusOf } from './error-reply.ts'

/** An error as clients of Confluent's schema registry know it: an HTTP status, and a code of five digits that begins with it. */
export class RegistryError extends Error {
  readonly status: number
  readonly errorCode: number

  constructor(status: number, errorCode: number, message: string) {
    super(message)
    this.status = status
    this.errorCode = errorCode
  }
}

export const subjectNotFound = (subject: string): RegistryError =>
  new RegistryError(404, 40401, `Subject '${subject}' not found.`)

export const versionNotFound = (version: string): RegistryError =>
  new RegistryError(404, 40402, `Version ${version} not found.`)

export const schemaNotFound = (id?: string): RegistryError =>
  new RegistryError(404, 40403, id === undefined ? 'Schema not found' : `Schema ${id} not found`)

export const levelNotFound = (subject: string): RegistryError =>
  new RegistryError(404, 40408, `Subject '${subject}' does not have subject-level compatibility configured`)

export const versionInvalid = (version: string): RegistryError =>
  new RegistryError(
    422,
    42202,
    `The specified version '${version}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`,
  )

export const incompatibleLevel = (levels: readonly string[]): RegistryError =>
  new RegistryError(422, 42203, `Invalid compatibility level. Valid values are ${levels.join(', ')}`)

const CODES: { readonly [C in ErrorCode]?: number } = { MSB_SCHEMA_INVALID: 42201, MSB_SCHEMA_INCOMPATIBLE: 409 }

/** Code of Confluent's for what went wrong in the registry itself. */
const STORE_ERROR = 50001

/** Any error in those terms. */
export function registryErrorOf(error: unknown): RegistryError {
  if (error instanceof RegistryError) return error
  const known = knownError(error)
  const code = CODES[known.code]
  const message = `${known.message}. ${known.hint}`
  if (known.code === 'MSB_SCHEMA_INVALID') return new RegistryError(422, code!, message)
  const status = statusOf(known)
  return new RegistryError(status, code ?? (status >= 500 ? STORE_ERROR : status), message)
}
