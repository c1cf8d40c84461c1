import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { findInstallation, jarsOf } from '#services/cluster/installation.ts'
import { protoFields } from '../support/proto-fields.ts'
import { whyNoServers } from '../support/test-cluster.ts'
import { zipEntries } from '../support/zip-entries.ts'

const OURS = new URL('../../src/dataplane/engines/spark/connect/protocol/', import.meta.url)

/** Costs a look into the jars, no server. */
describe("the protocol of Spark's own jar", { skip: await whyNoServers(['spark']) }, () => {
  it('has every field that we send or read, with the same type and number', async () => {
    const jars = jarsOf('spark', await findInstallation(['spark'], () => {}))
    const theirs = new Map(
      jars
        .filter((path) => /spark-connect[^/\\]*\.jar$/.test(path))
        .flatMap((path) => [...zipEntries(path, (name) => /^spark\/connect\/\w+\.proto$/.test(name)).values()])
        .flatMap((bytes) => [...protoFields(bytes.toString())]),
    )
    assert.ok(theirs.size > 500, `${theirs.size} fields in the jar`)
    // The details of an error are gRPC's, not Spark's.
    const files = readdirSync(OURS).filter((name) => name !== 'error-info.proto')
    const ours = files.flatMap((name) => [...protoFields(readFileSync(new URL(name, OURS), 'utf8'))])
    assert.ok(ours.length > 200, `${ours.length} fields of ours`)
    const differences = ours.flatMap(([field, type]) => {
      const found = theirs.get(field)
      return found === type ? [] : [`${field} is ${found}, not ${type}`]
    })
    assert.deepEqual(differences, [])
  })
})
