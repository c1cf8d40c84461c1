import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it, type TestContext } from 'node:test'
import { CassandraSession } from '#dataplane/sinks/cassandra/cassandra-session.ts'
import { systemClock } from '#foundation/time/clock.ts'
import { type RunningCluster, startCluster } from '#services/cluster/running-cluster.ts'
import { until } from '../support/cassandra-bench.ts'
import { type Authority, newAuthority, STORE_PASSWORD, serverCertificate } from '../support/certificates.ts'
import { PlatformProcess, ProductProcess } from '../support/platform-process.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { scratchClusterFolder, whyNoServers } from '../support/test-cluster.ts'
import { expectedTicks, ticksOf } from '../support/tick-results.ts'
import { assertServed, TICKING, untilCounted } from '../support/tick-topics.ts'

const KINDS = ['kafka', 'cassandra', 'connect'] as const
/** The user that a new cluster has. */
const USER = { username: 'cassandra', password: 'cassandra' } as const
const RECORDS = 2000

/** Takes a minute and a half on two free cores, a minute of it to start the servers. */
describe('a Cassandra cluster with TLS and users', { skip: await whyNoServers(KINDS) }, () => {
  let cluster: RunningCluster
  let authority: Authority
  let other: Authority
  let sink: object
  before(async () => {
    const folder = scratchClusterFolder()
    ;[authority, other] = [await newAuthority(folder, 'ca'), await newAuthority(folder, 'other')]
    const keystore = await serverCertificate(folder, authority)
    const encryption = { enabled: true, optional: false, keystore, keystore_password: STORE_PASSWORD }
    cluster = await startCluster({
      ...{ folder, servers: KINDS, ports: 'free', clock: systemClock },
      cassandraSettings: {
        authenticator: 'PasswordAuthenticator',
        authorizer: 'CassandraAuthorizer',
        client_encryption_options: { ...encryption, store_type: 'PKCS12' },
      },
    })
    sink = (JSON.parse(readFileSync(cluster.platformFile, 'utf8')) as { sink: object }).sink
    const where = { contactPoints: ['127.0.0.1'], port: cluster.addresses.cqlPort, localDataCenter: 'datacenter1' }
    const session = new CassandraSession({ ...where, ...USER, tls: { caFile: authority.file } })
    // It makes its first user when it has been up for some seconds.
    const isUserThere = () =>
      session.execute('SELECT key FROM system.local').then(
        () => true,
        () => false,
      )
    await until('that the user is there', isUserThere)
    await session.close()
  })

  /** A configuration of the cluster's servers, in a file of the folder. */
  function configuration(folder: string, security: object): string {
    const { broker, sink: open } = JSON.parse(readFileSync(cluster.platformFile, 'utf8')) as {
      broker: object
      sink: { connect: object }
    }
    const settings = { 'ssl.truststore.path': authority.store, 'ssl.truststore.password': STORE_PASSWORD }
    const file = join(folder, 'platform.json')
    const connect = { ...open.connect, settings }
    writeFileSync(file, JSON.stringify({ broker, sink: { ...sink, ...security, connect } }))
    return file
  }

  it('has the results of an app, encrypted and as a user', async (test: TestContext) => {
    await withScratchFolder(async (folder) => {
      const file = configuration(folder, { ...USER, tls: { caFile: authority.file } })
      const args = ['--config', file]
      const platform = await PlatformProcess.start(join(folder, 'data'), [TICKING.folder], { args })
      test.after(() => platform.kill())
      const ticks = ticksOf(RECORDS, 1)
      const input = join(folder, 'ticks.ndjson')
      writeFileSync(input, ticks.map((tick) => `${JSON.stringify(tick)}\n`).join(''))
      const how = ['--url', platform.url, '--rate', 'max', '--no-sort', '--allow-future']
      const emulator = new ProductProcess(['emulate', TICKING.folder, ...how, '--input', input])
      assert.equal(await emulator.ended(), 0, emulator.said)
      await untilCounted(platform, TICKING, RECORDS)
      const placed = ticks.map((tick, offset) => ({ ...tick, partition: 0, offset }))
      await assertServed(platform, TICKING, expectedTicks(placed, 1), 'from a secured Cassandra')
    })
  })

  /** What the doctor says of Cassandra. */
  const diagnosis = (security: object, env: NodeJS.ProcessEnv = {}) =>
    withScratchFolder(async (folder) => {
      const args = ['doctor', '--config', configuration(folder, security), '--data', join(folder, 'none')]
      const command = new ProductProcess(args, { ...process.env, ...env })
      return { code: await command.ended(), said: command.said }
    })

  it('is well in the eyes of the doctor where all is right; the password may stand in the environment', async () => {
    const tls = { caFile: authority.file }
    const { code, said } = await diagnosis({ username: USER.username, tls }, { MYSIMBDP_SINK_PASSWORD: USER.password })
    assert.equal(code, 0, said)
    assert.match(said, /ok Cassandra at 127\.0\.0\.1:\d+: version 5/)
  })

  it('is refused with a sentence where something is wrong, and the sentence says what', async () => {
    const tls = { caFile: authority.file }
    const cases = [
      [{ ...USER, password: 'wrong', tls }, /does not know the user, or the password is wrong/, /sink\.username/],
      [{ tls }, /wants a user/, /MYSIMBDP_SINK_PASSWORD/],
      [{ ...USER, tls: { caFile: other.file } }, /a certificate that is not trusted/, /sink\.tls\.caFile/],
      [{ ...USER, tls: {} }, /a certificate that is not trusted/, /sink\.tls\.caFile/],
      [{ ...USER, tls: { caFile: '/nowhere/ca.pem' } }, /'\/nowhere\/ca\.pem' cannot be read/, /sink\.tls\.caFile/],
      [USER, /does not answer/, /can be reached/],
    ] as const
    const wrong: string[] = []
    for (const [security, sentence, action] of cases) {
      const { code, said } = await diagnosis(security)
      if (code !== 3 || !sentence.test(said) || !action.test(said)) wrong.push(`${sentence}: ${code}\n${said}`)
    }
    assert.deepEqual(wrong, [])
  })
})
