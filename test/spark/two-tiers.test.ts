import assert from 'node:assert/strict'
import { isUtf8 } from 'node:buffer'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { readJsonCarefully } from '#dataplane/decoding/json/careful-json.ts'
import { PendingRecords } from '#dataplane/decoding/pending-records.ts'
import { wrongEncoding } from '#dataplane/decoding/rejections.ts'
import { allTypes } from '#dataplane/decoding/testing/all-types-schema.fixture.ts'
import { line } from '#dataplane/decoding/testing/json-lines.fixture.ts'
import { sparkAddressOf } from '#dataplane/engines/spark/connect/connection-string.ts'
import { SparkSession } from '#dataplane/engines/spark/connect/spark-session.ts'
import { SESSION_SETTINGS } from '#dataplane/engines/spark/lowering/query.ts'
import { acceptedWith, judgedOnSpark, rejectedAs, type Verdict } from '../support/judged-records.ts'
import { startTestCluster, whyNoServers } from '../support/test-cluster.ts'

const EXISTING = process.env.MYSIMBDP_TEST_SPARK
const RECORDS = 3000
const DIFFERENCES_SHOWN = 8
const SEED = Number(process.env.MYSIMBDP_TEST_SEED ?? 20_261_126)

/** What the arbitrary lines seldom hold: where Spark's reader takes more than the rules do, or less of a record than there is. */
const good = (more: string): string => `{"id":"a","at":1712952000000,${more}}`
const BY_HAND: readonly string[] = [
  ...[
    '"fare":"3.25"',
    '"fare": "3.25"',
    '"fare" :\t"3.25"',
    '"fare":"\\u0033"',
    '"fare":"٣"',
    '"miles":"1.5"',
    '"miles":"NaN"',
  ],
  ...['"miles":NaN', '"ratio":"1"', '"seconds":"8"', '"seconds":8.0', '"paid":"true"', '"paid":1', '"day":20240413'],
  ...[
    '"fare":3.25,"fare":null',
    '"fare":"x","fare":3.25',
    '"fare":3.25,"fare":"3.25"',
    '"Fare":3.25',
    '"f\\u0061re":"3.25"',
  ],
  ...[
    '"miles":-0.0',
    '"ratio":16777217',
    '"ratio":16777219',
    '"whole":12.0',
    '"whole":12.5',
    "'fare':3.25",
    '"fare":3.25,',
  ],
  ...['"other":{"fare":"3.25"}', '"other":[1,{"a":2}]', '"other":1', '"rider":null', '"other":"fare\\":\\"3"'],
].map(good)
const WHOLE: readonly string[] = [
  ...['{"id":8,"at":0}', '{"id":true,"at":0}', '{"id":{"a":1},"at":0}', '{"id":["a"],"at":0}', '{"id": 8 ,"at":0}'],
  ...['{"id":"8","at":0}', '{"id":"true","at":0}', '{"id":"{","at":0}', '{"id":"[1]","at":0}', '{"id":null,"at":0}'],
  ...[
    '{"id":"a","at":"0"}',
    '{"id":"a","at":"1712952000000"}',
    '{"id":"a","at":1e3}',
    '{"id":"a","at":"2024-04-13T12:00:00Z"}',
  ],
  ...[
    '{"id":"a","at":0} x',
    '{"id":"a","at":0}{"id":"b","at":0}',
    '{"id":"a","at":0},{"id":"b","at":0}',
    '{"id":"a","at":0}]',
  ],
  ...[
    '{"id":"a","at":0}] [{"id":"b"}',
    '[{"id":"a","at":0}]',
    'null',
    '8',
    '"a"',
    ' {"id":"a","at":0}',
    '{"id":"a","at":0} ',
  ],
  ...[
    '{"id":"a\\u00e9","at":0}',
    '{"id":"a","at":0,"x}":1}',
    '{"id":"a","at":0,"x":"}"}',
    '{"ID":"a","at":0}',
    '{id:"a","at":0}',
  ],
  ...[
    '{"id":"a","at":0,}',
    '{"id":"a" "at":0}',
    '{"id":"a","at":00}',
    '{"at":0,"a\\"fare":null,"id":"a"}',
    '{"at":0,"fare":null,"id":"a","x":1}',
    '{"at": 0, "id": "a", "fare": null, "whole": null}',
    '{"at": 0, "id": "a", "fare" : null}',
    '{"at":0,"id":"a","fare":nul}',
    '/**/{"id":"a","at":0}',
    '{"id":"a\tb","at":0}',
    '{}',
  ],
]

/** One query of Spark over some thousand records, of which few look like those of a well-behaved producer: half a minute on a server that is cold. */
describe('both ways of reading records on Spark', {
  skip: EXISTING === undefined && (await whyNoServers(['spark'])),
}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'mysimbdp-tiers-'))
  let session: SparkSession
  before(async () => {
    const url = EXISTING ?? (await startTestCluster({ servers: ['spark'] })).addresses.sparkUrl
    session = new SparkSession(sparkAddressOf(url))
    await session.setConfiguration(SESSION_SETTINGS)
  })
  after(() => {
    session.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('give what the careful reader of the platform gives', async (test) => {
    const texts = [...BY_HAND, ...WHOLE].map((text) => new Uint8Array(Buffer.from(text)))
    const records = [...texts, ...fc.sample(line, { numRuns: RECORDS, seed: SEED })].filter(({ length }) => length > 0)
    const judged = await judgedOnSpark(session, records, join(folder, 'records.json'))
    const clean = judged.filter((one) => one.clean)
    test.diagnostic(`${clean.length} of ${judged.length} records were clean`)
    assert.ok(clean.length > judged.length / 10, 'hardly a record was clean')
    const differences = judged
      .filter((one) => one.clean || !isKnownToDiffer(records[one.offset]!))
      .map(({ offset, clean: isClean, verdict }) => {
        const record = records[offset]!
        return { record: Buffer.from(record).toString(), isClean, verdict, wanted: carefully(record) }
      })
      .filter(({ verdict, wanted }) => !isDeepStrictEqual(verdict, wanted))
    assert.deepEqual(differences.slice(0, DIFFERENCES_SHOWN), [])
  })
})

/** Semantics, section 9: halves of characters, and numbers that Spark reads through a double. */
const isKnownToDiffer = (record: Uint8Array): boolean =>
  /\\u[dD][89a-fA-F]|[0-9][eE][-+]?[0-9]|[0-9.]{19}/.test(Buffer.from(record).toString('latin1'))

function carefully(record: Uint8Array): Verdict {
  const result = isUtf8(record)
    ? readJsonCarefully(record, new PendingRecords(allTypes).fields, allTypes.timeZone)
    : { rejection: wrongEncoding() }
  if ('rejection' in result) return rejectedAs(result.rejection.code, result.rejection.field)
  return acceptedWith(result.readings.map((reading) => reading?.value ?? null))
}
