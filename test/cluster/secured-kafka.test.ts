import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import type { KafkaConfig, PlatformConfig, SaslConfig } from '#services/runs/platform-config.ts'
import { platformOf } from '../../src/wiring.ts'
import { greenhouse, greenhouseQueries, greenhouseReadings } from '../support/greenhouse.ts'
import { ASK, boundedRows, LiveHost } from '../support/live-host.ts'
import { ProductProcess } from '../support/platform-process.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { GUEST, type SecuredKafka, startSecuredKafka, USER } from '../support/secured-kafka.ts'
import { whyNoServers } from '../support/test-cluster.ts'

/** Took four minutes at a load of 20 on two cores, two of them for the start of the broker. */
describe('a Kafka cluster with TLS and users', { skip: await whyNoServers(['kafka']) }, () => {
  let kafka: SecuredKafka
  before(async () => {
    kafka = await startSecuredKafka()
  })

  for (const mechanism of ['PLAIN', 'SCRAM-SHA-512'] as const)
    it(`has an app, encrypted and as a user by ${mechanism}`, async () => {
      const broker: KafkaConfig = {
        kind: 'kafka',
        bootstrapServers: [kafka.server],
        partitions: 1,
        replication: 1,
        tls: { caFile: kafka.caFile },
        sasl: { mechanism, ...USER },
      }
      const config: PlatformConfig = {
        broker,
        engine: { kind: 'embedded' },
        sink: { kind: 'sqlite' },
        schemaRegistry: null,
      }
      const app = greenhouse(
        { warmth: greenhouseQueries.warmth('update') },
        { name: mechanism.toLowerCase().replaceAll('-', '_') },
      )
      const lines = greenhouseReadings(300)
      const host = await LiveHost.open([], { context: { platform: await platformOf(config), config } })
      try {
        await host.platform.deploy(app, ASK)
        await host.feed(app.plan.name, 'readings', lines)
        const rows = (await boundedRows(app, { readings: lines }))('warmth').map(({ row }) => row)
        assert.deepEqual(host.rows(app.plan.name, 'warmth'), [...rows].sort())
      } finally {
        await host.close()
      }
    })

  /** What the doctor says of a configuration; user and password are in the environment. */
  const diagnosis = (
    broker: Partial<KafkaConfig>,
    sasl: Partial<Record<keyof SaslConfig, string>> = {},
  ): Promise<{ readonly code: number | null; readonly said: string }> =>
    withScratchFolder(async (folder) => {
      const file = join(folder, 'platform.json')
      writeFileSync(file, JSON.stringify({ broker: { kind: 'kafka', bootstrapServers: [kafka.server], ...broker } }))
      const env = Object.entries(sasl).map(([name, value]) => [`MYSIMBDP_BROKER_SASL_${name.toUpperCase()}`, value])
      const command = new ProductProcess(['doctor', '--config', file, '--data', join(folder, 'none')], {
        ...process.env,
        ...Object.fromEntries(env),
      })
      return { code: await command.ended(), said: command.said }
    })
  const tls = () => ({ tls: { caFile: kafka.caFile } })
  const user = { mechanism: 'SCRAM-SHA-512', ...USER }

  it('is well where all is right', async () => {
    const { code, said } = await diagnosis(tls(), user)
    assert.equal(code, 0, said)
    assert.match(said, /ok Kafka at localhost:\d+: one broker answers \(localhost:\d+\), encrypted, as user 'mysimbdp'/)
    assert.doesNotMatch(said, /right, with/)
  })

  it('is refused with a sentence where something is wrong, and the sentence says what', async () => {
    const cases: readonly (readonly [string, Promise<{ code: number | null; said: string }>, RegExp, RegExp])[] = [
      [
        'a wrong password',
        diagnosis(tls(), { ...user, password: 'wrong' }),
        /Kafka does not know the user, or the password is wrong/,
        /Check mechanism, user name and password/,
      ],
      [
        'a wrong password, PLAIN',
        diagnosis(tls(), { ...USER, mechanism: 'PLAIN', password: 'wrong' }),
        /Kafka does not know the user, or the password is wrong/,
        /Check mechanism, user name and password/,
      ],
      [
        'an authority that is not known',
        diagnosis({ tls: { caFile: kafka.otherCaFile } }, user),
        /the certificate of the broker is not trusted/,
        /broker\.tls\.caFile/,
      ],
      ['no user', diagnosis(tls()), /closed the connection/, /broker\.sasl/],
      ['no encryption', diagnosis({}, user), /closed the connection/, /broker\.tls/],
      [
        'encryption on an open port',
        diagnosis({ ...tls(), bootstrapServers: [kafka.openServer] }, user),
        /does not speak TLS/,
        /broker\.tls/,
      ],
      [
        'a mechanism that it does not have',
        diagnosis(tls(), { ...USER, mechanism: 'SCRAM-SHA-256' }),
        /the brokers do not have the mechanism/,
        /Check mechanism/,
      ],
      [
        'a user who may do nothing',
        diagnosis(tls(), { mechanism: 'PLAIN', ...GUEST }),
        /topic 'mysimbdp_doctor' may be created: the user has no right to do that \(/,
        /rights of that user/,
      ],
      [
        'a file that is not there',
        diagnosis({ tls: { caFile: '/nowhere/ca.pem' } }, user),
        /'\/nowhere\/ca\.pem' cannot be read/,
        /broker\.tls/,
      ],
    ]
    const wrong: string[] = []
    for (const [what, asked, sentence, action] of cases) {
      const { code, said } = await asked
      if (code !== 3 || !sentence.test(said) || !action.test(said)) wrong.push(`${what}: ${code}\n${said}`)
    }
    assert.deepEqual(wrong, [])
  })
})
