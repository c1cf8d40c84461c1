import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { nearestName } from '#foundation/text/nearest-name.ts'

/** Names that begin so are the configuration's; others with `MYSIMBDP_` may mean something else. */
const PREFIXES = ['MYSIMBDP_BROKER_', 'MYSIMBDP_ENGINE_', 'MYSIMBDP_SINK_', 'MYSIMBDP_SCHEMA_REGISTRY_']

export interface EnvironmentSetting {
  /** Where in the configuration its value goes. */
  readonly path: readonly string[]
  readonly read: (text: string) => unknown
}

const text = (value: string): string => value
const list = (value: string): readonly string[] => value.split(',').map((item) => item.trim())
/** What is no number is refused with its place, like any other value. */
const number = (value: string): unknown => (/^\d+$/.test(value) ? Number(value) : value)
const json = (value: string): unknown => {
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

const setting = (path: string, read: EnvironmentSetting['read'] = text): EnvironmentSetting => ({
  path: path.split('.'),
  read,
})

/** Every variable that is a setting. */
export const environmentSettings: Readonly<Record<string, EnvironmentSetting>> = {
  MYSIMBDP_BROKER_KIND: setting('broker.kind'),
  MYSIMBDP_BROKER_BOOTSTRAP_SERVERS: setting('broker.bootstrapServers', list),
  MYSIMBDP_BROKER_PARTITIONS: setting('broker.partitions', number),
  MYSIMBDP_BROKER_REPLICATION: setting('broker.replication', number),
  MYSIMBDP_BROKER_TLS_CA_FILE: setting('broker.tls.caFile'),
  MYSIMBDP_BROKER_TLS_CERTIFICATE_FILE: setting('broker.tls.certificateFile'),
  MYSIMBDP_BROKER_TLS_KEY_FILE: setting('broker.tls.keyFile'),
  MYSIMBDP_BROKER_SASL_MECHANISM: setting('broker.sasl.mechanism'),
  MYSIMBDP_BROKER_SASL_USERNAME: setting('broker.sasl.username'),
  MYSIMBDP_BROKER_SASL_PASSWORD: setting('broker.sasl.password'),
  MYSIMBDP_ENGINE_KIND: setting('engine.kind'),
  MYSIMBDP_ENGINE_URL: setting('engine.url'),
  MYSIMBDP_ENGINE_CHECKPOINTS: setting('engine.checkpoints'),
  MYSIMBDP_ENGINE_PAGES: setting('engine.pages'),
  MYSIMBDP_SINK_KIND: setting('sink.kind'),
  MYSIMBDP_SINK_CONTACT_POINTS: setting('sink.contactPoints', list),
  MYSIMBDP_SINK_PORT: setting('sink.port', number),
  MYSIMBDP_SINK_LOCAL_DATA_CENTER: setting('sink.localDataCenter'),
  MYSIMBDP_SINK_KEYSPACE: setting('sink.keyspace'),
  MYSIMBDP_SINK_REPLICATION: setting('sink.replication', json),
  MYSIMBDP_SINK_USERNAME: setting('sink.username'),
  MYSIMBDP_SINK_PASSWORD: setting('sink.password'),
  MYSIMBDP_SINK_TLS_CA_FILE: setting('sink.tls.caFile'),
  MYSIMBDP_SINK_CONNECT_URL: setting('sink.connect.url'),
  MYSIMBDP_SINK_CONNECT_USERNAME: setting('sink.connect.username'),
  MYSIMBDP_SINK_CONNECT_PASSWORD: setting('sink.connect.password'),
  MYSIMBDP_SCHEMA_REGISTRY_URL: setting('schemaRegistry.url'),
  MYSIMBDP_SCHEMA_REGISTRY_USERNAME: setting('schemaRegistry.username'),
  MYSIMBDP_SCHEMA_REGISTRY_PASSWORD: setting('schemaRegistry.password'),
}

type Members = Readonly<Record<string, unknown>>

/**
 * The document with what the environment says in the place of what stood there, and the names of the variables that said it.
 * @throws MSB_CONFIG_INVALID for a variable of the configuration's that is none of its settings
 */
export function withEnvironment(
  document: unknown,
  variables: Readonly<Record<string, string>>,
): { readonly document: unknown; readonly used: readonly string[] } {
  let changed = document
  const used: string[] = []
  for (const [name, value] of Object.entries(variables)) {
    const known = environmentSettings[name]
    if (known === undefined) refuseUnknown(name)
    else {
      changed = withMember(changed, known.path, known.read(value))
      used.push(name)
    }
  }
  return { document: changed, used }
}

function refuseUnknown(name: string): void {
  if (!PREFIXES.some((prefix) => name.startsWith(prefix))) return
  const nearest = nearestName(name, Object.keys(environmentSettings))
  const meant = nearest === undefined ? '' : `; ${nearest} is`
  throw new MysimbdpError('MSB_CONFIG_INVALID', `the variable ${name} of the environment is no setting${meant}`, {
    hint: 'docs/reference/configuration.md lists those that are.',
  })
}

/** The document with another value at a path. What is no object stays what it is, and is refused where it is read. */
export function withMember(document: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value
  if (document !== undefined && (typeof document !== 'object' || document === null)) return document
  const members = (document ?? {}) as Members
  return { ...members, [name]: withMember(members[name], rest, value) }
}
