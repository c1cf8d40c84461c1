import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'

/** Where a Spark Connect server is, and as whom it is spoken to. */
export interface SparkAddress {
  /** `https://spark:15002` */
  readonly baseUrl: string
  readonly userId: string
  /** UUID of the session to use; a new one when null. */
  readonly sessionId: string | null
  /** Sent with each request: `authorization` with the token, and what the string has besides. */
  readonly headers: Readonly<Record<string, string>>
}

const DEFAULT_PORT = 15002
const DEFAULT_USER = 'mysimbdp'
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** Of other clients, and of no meaning here. */
const IGNORED = ['user_agent']

/**
 * Reads `sc://host:port/;token=…;use_ssl=true;user_id=…;session_id=…`, as all clients of Spark Connect do. A token goes over TLS unless
 * `use_ssl=false` says otherwise, which only this machine may be told.
 * @throws MSB_CONFIG_INVALID; never with the token in it
 */
export function sparkAddressOf(text: string): SparkAddress {
  const [, host, port = String(DEFAULT_PORT), rest = ''] =
    /^sc:\/\/(\[[^\]]+\]|[^:/;]+)(?::(\d+))?\/?(;.*)?$/.exec(text) ?? []
  if (host === undefined) throw invalid('is not sc://host:port/;name=value;…')
  const parameters = parametersOf(rest)
  const { token, use_ssl, user_id, session_id, ...others } = parameters
  if (session_id !== undefined && !UUID.test(session_id)) throw invalid('has a session_id that is no UUID')
  const usesTls = use_ssl === undefined ? token !== undefined : truthOf(use_ssl)
  if (token !== undefined && !usesTls && !isLoopback(host))
    throw invalid(`sends a token to ${host} for everybody to read; leave out use_ssl=false`)
  const headers = Object.entries(others).filter(([name]) => !IGNORED.includes(name))
  return {
    baseUrl: `${usesTls ? 'https' : 'http'}://${host}:${port}`,
    userId: user_id ?? DEFAULT_USER,
    sessionId: session_id ?? null,
    headers: { ...Object.fromEntries(headers), ...(token !== undefined && { authorization: `Bearer ${token}` }) },
  }
}

function parametersOf(text: string): Readonly<Record<string, string>> {
  const entries = text
    .split(';')
    .filter((part) => part !== '')
    .map((part) => {
      const [, name, value] = /^([\w-]+)=(.+)$/.exec(part) ?? []
      if (name === undefined) throw invalid('has a parameter that is not name=value')
      return [name, decoded(value!)] as const
    })
  return Object.fromEntries(entries)
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    throw invalid('has a % that begins no character')
  }
}

function truthOf(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw invalid(`has use_ssl=${text}, which is neither true nor false`)
  return text === 'true'
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host)

const invalid = (what: string): MysimbdpError =>
  new MysimbdpError('MSB_CONFIG_INVALID', `the address of the Spark Connect server ${what}`, {
    hint: 'Correct the url under engine in the configuration of the platform; docs/how-to/run-on-spark.md shows one.',
  })
