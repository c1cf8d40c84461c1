import { systemClock } from '#foundation/time/clock.ts'
import { openLayout } from '#services/cluster/cluster-folder.ts'
import { freePorts } from '#services/cluster/ports.ts'
import { startCluster } from '#services/cluster/running-cluster.ts'
import { newAuthority, STORE_PASSWORD, serverCertificate } from './certificates.ts'
import { runKafkaTool } from './kafka-tools.ts'
import { scratchClusterFolder } from './test-cluster.ts'

/** May do everything, with either mechanism. */
export const USER = { username: 'mysimbdp', password: 'right, with "quotes"' } as const
/** May do nothing. */
export const GUEST = { username: 'guest', password: 'guest' } as const

export interface SecuredKafka {
  /** Encrypted, with users. */
  readonly server: string
  /** The same broker without either. */
  readonly openServer: string
  /** PEM of the authority that signed the broker's certificate. */
  readonly caFile: string
  /** PEM of an authority that signed nothing. */
  readonly otherCaFile: string
}

/** A broker with a listener for TLS and SASL (PLAIN, SCRAM-SHA-512) beside its open one, and with access control. */
export async function startSecuredKafka(): Promise<SecuredKafka> {
  const folder = scratchClusterFolder()
  const { brokers } = await openLayout(folder, { ports: 'free' })
  const [place] = brokers
  const [port] = await freePorts(1)
  const authority = await newAuthority(folder, 'ca')
  const keyStore = await serverCertificate(folder, authority)
  const secured = `SASL_SSL://127.0.0.1:${port}`
  const open = `PLAINTEXT://${place!.host}:${place!.port}`
  const plainUsers = [USER, GUEST].map(
    ({ username, password }) => `user_${username}="${password.replaceAll('"', '\\"')}"`,
  )
  const cluster = await startCluster({
    folder,
    servers: ['kafka'],
    clock: systemClock,
    brokerProperties: {
      listeners: `${open},${secured},CONTROLLER://${place!.host}:${place!.controllerPort}`,
      // The name that stands in the certificate.
      'advertised.listeners': `${open},${secured.replace('127.0.0.1', 'localhost')}`,
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL',
      'ssl.keystore.location': keyStore,
      'ssl.keystore.password': STORE_PASSWORD,
      'ssl.keystore.type': 'PKCS12',
      'listener.name.sasl_ssl.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512',
      'listener.name.sasl_ssl.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required ${plainUsers.join(' ')};`,
      'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config':
        'org.apache.kafka.common.security.scram.ScramLoginModule required;',
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': `User:ANONYMOUS;User:${USER.username}`,
    },
  })
  const openServer = cluster.addresses.bootstrapServers[0]!
  await runKafkaTool('kafka.admin.ConfigCommand', [
    ...['--bootstrap-server', openServer, '--alter', '--entity-type', 'users', '--entity-name', USER.username],
    ...['--add-config', `SCRAM-SHA-512=[password=${USER.password}]`],
  ])
  const other = await newAuthority(folder, 'other')
  return { server: `localhost:${port}`, openServer, caFile: authority.file, otherCaFile: other.file }
}
