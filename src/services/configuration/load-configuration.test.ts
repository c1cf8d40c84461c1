import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { EMBEDDED_CONFIG } from '../runs/platform-config.ts'
import { environmentSettings } from './environment-settings.ts'
import { loadConfiguration } from './load-configuration.ts'

const KAFKA = { kind: 'kafka', bootstrapServers: ['a:1'] }
const asModule = (settings: unknown) => `export default ${JSON.stringify(settings)}\n`

const NAMES = Object.keys(environmentSettings)

describe('the configuration of a platform', () => {
  let folder: string
  let startedIn: string
  beforeEach(() => {
    startedIn = process.cwd()
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'mysimbdp-config-')))
    process.chdir(folder)
  })
  afterEach(() => {
    process.chdir(startedIn)
    rmSync(folder, { recursive: true })
  })

  const load = (request: Partial<Parameters<typeof loadConfiguration>[0]> = {}) =>
    loadConfiguration({ appPaths: [], variables: {}, ...request })
  const put = (path: string, text: string): string => {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
    return path
  }
  const serversOf = async (request: Parameters<typeof load>[0]) => {
    const { broker } = (await load(request)).config
    return broker.kind === 'kafka' ? broker.bootstrapServers : broker.kind
  }

  it('is the embedded one where nobody says anything', async () => {
    assert.deepEqual(await load({ variables: { MYSIMBDP_DATA: '/elsewhere' } }), {
      config: EMBEDDED_CONFIG,
      sources: [],
    })
  })

  it('comes from the file that is named, else from one beside the app, else from one here; the environment goes before all', async () => {
    const from = (server: string) => ({ broker: { ...KAFKA, bootstrapServers: [server] } })
    put('mysimbdp.config.ts', asModule(from('here:1')))
    assert.deepEqual(await serversOf({}), ['here:1'])
    put('apps/trips/mysimbdp.config.ts', asModule(from('beside:1')))
    const app = put('apps/trips/app.ts', '')
    for (const appPaths of [['apps/trips'], [app]]) assert.deepEqual(await serversOf({ appPaths }), ['beside:1'])
    const file = put('other.json', JSON.stringify(from('named:1')))
    assert.deepEqual(await serversOf({ appPaths: [app], file }), ['named:1'])
    const variables = { MYSIMBDP_BROKER_BOOTSTRAP_SERVERS: 'x:1, y:2' }
    assert.deepEqual(await serversOf({ appPaths: [app], file, variables }), ['x:1', 'y:2'])
    assert.deepEqual((await load({ file, variables })).sources, ['other.json', 'MYSIMBDP_BROKER_BOOTSTRAP_SERVERS'])
  })

  it('may stand in the environment alone, and each variable has a place in it', async () => {
    const values: Readonly<Record<string, string>> = {
      ...Object.fromEntries(NAMES.filter((name) => !name.startsWith('MYSIMBDP_ENGINE_')).map((name) => [name, name])),
      MYSIMBDP_BROKER_KIND: 'kafka',
      MYSIMBDP_BROKER_PARTITIONS: '4',
      MYSIMBDP_BROKER_REPLICATION: '3',
      MYSIMBDP_BROKER_SASL_MECHANISM: 'PLAIN',
      MYSIMBDP_SINK_KIND: 'cassandra',
      MYSIMBDP_SINK_PORT: '9043',
      MYSIMBDP_SINK_REPLICATION: '{"class":"NetworkTopologyStrategy","dc1":3}',
    }
    const { config } = await load({ variables: values })
    assert.deepEqual(config, {
      broker: {
        kind: 'kafka',
        bootstrapServers: ['MYSIMBDP_BROKER_BOOTSTRAP_SERVERS'],
        partitions: 4,
        replication: 3,
        tls: {
          caFile: 'MYSIMBDP_BROKER_TLS_CA_FILE',
          certificateFile: 'MYSIMBDP_BROKER_TLS_CERTIFICATE_FILE',
          keyFile: 'MYSIMBDP_BROKER_TLS_KEY_FILE',
        },
        sasl: {
          mechanism: 'PLAIN',
          username: 'MYSIMBDP_BROKER_SASL_USERNAME',
          password: 'MYSIMBDP_BROKER_SASL_PASSWORD',
        },
      },
      engine: { kind: 'embedded' },
      sink: {
        kind: 'cassandra',
        contactPoints: ['MYSIMBDP_SINK_CONTACT_POINTS'],
        port: 9043,
        localDataCenter: 'MYSIMBDP_SINK_LOCAL_DATA_CENTER',
        keyspace: 'MYSIMBDP_SINK_KEYSPACE',
        replication: { class: 'NetworkTopologyStrategy', dc1: 3 },
        username: 'MYSIMBDP_SINK_USERNAME',
        password: 'MYSIMBDP_SINK_PASSWORD',
        tls: { caFile: 'MYSIMBDP_SINK_TLS_CA_FILE' },
        connect: {
          url: 'MYSIMBDP_SINK_CONNECT_URL',
          username: 'MYSIMBDP_SINK_CONNECT_USERNAME',
          password: 'MYSIMBDP_SINK_CONNECT_PASSWORD',
        },
      },
      schemaRegistry: {
        url: 'MYSIMBDP_SCHEMA_REGISTRY_URL',
        username: 'MYSIMBDP_SCHEMA_REGISTRY_USERNAME',
        password: 'MYSIMBDP_SCHEMA_REGISTRY_PASSWORD',
      },
    })
  })

  it('takes Spark from the environment too', async () => {
    const variables = {
      ...Object.fromEntries(NAMES.filter((name) => name.startsWith('MYSIMBDP_ENGINE_')).map((name) => [name, name])),
      MYSIMBDP_BROKER_KIND: 'kafka',
      MYSIMBDP_BROKER_BOOTSTRAP_SERVERS: 'x:1',
      MYSIMBDP_ENGINE_KIND: 'spark',
      MYSIMBDP_ENGINE_URL: 'sc://spark:15002',
    }
    assert.deepEqual((await load({ variables })).config.engine, {
      kind: 'spark',
      url: 'sc://spark:15002',
      checkpoints: 'MYSIMBDP_ENGINE_CHECKPOINTS',
      pages: 'MYSIMBDP_ENGINE_PAGES',
    })
  })

  it('finds files for TLS from the folder of the file that names them', async () => {
    put('profiles/kafka.json', JSON.stringify({ broker: { ...KAFKA, tls: { caFile: 'ca.pem', keyFile: '/key.pem' } } }))
    const { broker } = (await load({ file: 'profiles/kafka.json' })).config
    assert.deepEqual(broker.kind === 'kafka' && broker.tls, {
      caFile: join(folder, 'profiles/ca.pem'),
      keyFile: '/key.pem',
    })
  })

  it('is refused with its place and the nearest right name, and never with a secret', async () => {
    const refusal = async (request: Parameters<typeof load>[0]): Promise<string> => {
      const error: unknown = await load(request).then(
        () => assert.fail('it was taken'),
        (refused: unknown) => refused,
      )
      assert.equal((error as { code: string }).code, 'MSB_CONFIG_INVALID')
      return (error as Error).message
    }
    put('mysimbdp.config.ts', asModule({ broker: { ...KAFKA, sasl: { mechanism: 'PLAIN', pasword: 'geheim' } } }))
    const misspelt = await refusal({})
    assert.match(misspelt, /'mysimbdp\.config\.ts': configuration\.broker\.sasl\.pasword is not known; 'password' is/)
    assert.doesNotMatch(misspelt, /geheim/)
    assert.match(
      await refusal({ variables: { MYSIMBDP_BROKER_BOOTSTRAP_SERVER: 'a:1' } }),
      /the variable MYSIMBDP_BROKER_BOOTSTRAP_SERVER of the environment is no setting; MYSIMBDP_BROKER_BOOTSTRAP_SERVERS is/,
    )
    const partitions = { MYSIMBDP_BROKER_PARTITIONS: 'many' }
    const file = put('kafka.json', JSON.stringify({ broker: KAFKA }))
    assert.match(
      await refusal({ file, variables: partitions }),
      /'kafka\.json, MYSIMBDP_BROKER_PARTITIONS': configuration\.broker\.partitions must be a whole number, and is "many"/,
    )
    assert.match(await refusal({ file: 'missing.json' }), /'missing\.json' cannot be read: ENOENT/)
    assert.match(
      await refusal({ file: put('a.ts', 'export const b = 1') }),
      /'a\.ts' cannot be read: it has no default/,
    )
    assert.match(
      await refusal({ file: put('text.json', '"kafka"') }),
      /configuration must be an object, and is "kafka"/,
    )
    for (const app of ['one', 'two']) put(`${app}/mysimbdp.config.ts`, asModule({}))
    assert.match(await refusal({ appPaths: ['one', 'two'] }), /these apps have different configurations: .*one.*two/)
  })
})

it('has each of its variables and settings in the reference', () => {
  const reference = readFileSync('docs/reference/configuration.md', 'utf8')
  for (const [variable, { path }] of Object.entries(environmentSettings)) {
    assert.ok(reference.includes(`\`${variable}\``), variable)
    assert.ok(reference.includes(`\`${path.join('.')}\``), path.join('.'))
  }
})
