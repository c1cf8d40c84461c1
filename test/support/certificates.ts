import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findInstallation } from '#services/cluster/installation.ts'

const run = promisify(execFile)

/** Of key stores, which only exist as long as the test. */
export const STORE_PASSWORD = 'only-for-tests'

/** Signs certificates. */
export interface Authority {
  /** PKCS 12, with its key. */
  readonly store: string
  /** PEM of its certificate. */
  readonly file: string
}

async function keyTool(args: readonly string[]): Promise<void> {
  const { java } = await findInstallation(['kafka'], () => {})
  const tool = java.endsWith('java') ? `${java.slice(0, -'java'.length)}keytool` : 'keytool'
  await run(tool, [...args, '-storepass', STORE_PASSWORD])
}

const KEY = ['-keyalg', 'EC', '-groupname', 'secp256r1', '-validity', '2', '-storetype', 'PKCS12'] as const

export async function newAuthority(folder: string, name: string): Promise<Authority> {
  const [store, file] = [join(folder, `${name}.p12`), join(folder, `${name}.pem`)]
  await keyTool(['-genkeypair', '-alias', 'ca', ...KEY, '-dname', `CN=${name}`, '-ext', 'bc:c', '-keystore', store])
  await keyTool(['-exportcert', '-rfc', '-alias', 'ca', '-keystore', store, '-file', file])
  return { store, file }
}

/** A key store with a certificate for this machine that the authority has signed. */
export async function serverCertificate(folder: string, authority: Authority): Promise<string> {
  const [store, request, signed] = ['server.p12', 'server.csr', 'server.pem'].map((name) => join(folder, name))
  const names = ['-ext', 'san=dns:localhost,ip:127.0.0.1']
  await keyTool(['-genkeypair', '-alias', 'server', ...KEY, '-dname', 'CN=server', '-keystore', store!])
  await keyTool(['-certreq', '-alias', 'server', '-keystore', store!, '-file', request!])
  await keyTool([
    ...['-gencert', '-alias', 'ca', '-keystore', authority.store, '-validity', '2', ...names],
    ...['-rfc', '-infile', request!, '-outfile', signed!],
  ])
  await keyTool(['-importcert', '-noprompt', '-alias', 'ca', '-keystore', store!, '-file', authority.file])
  await keyTool(['-importcert', '-noprompt', '-alias', 'server', '-keystore', store!, '-file', signed!])
  return store!
}
