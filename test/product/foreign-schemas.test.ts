import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { assertRefused, commandLine, EXIT } from './product-process.ts'

const trip = {
  type: 'record',
  name: 'Trip',
  fields: [
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'fare', type: ['null', { type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 }], default: null },
    { name: 'seconds', type: 'int', default: 0 },
  ],
}
const appOf = (fields: string): string => `
import { readFileSync } from 'node:fs'
import { app, avroSchema, count, decimal, float, stream, sum, timestamp, tumbling } from 'mysimbdp'
const schema = avroSchema(readFileSync(new URL('trip.avsc', import.meta.url), 'utf8'), { ${fields} })
const trips = stream('trips', { schema, eventTime: 'at' })
const daily = trips.window(tumbling('1 day')).aggregate({ trips: count(), total: sum('fare') }).output('complete')
export default app('cabs', { timeZone: 'UTC' }, { daily })
`

describe('a schema from elsewhere', () => {
  let folder: string
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  before(() => {
    // Apps import the package by its name, so they must lie inside the repository.
    mkdirSync('tmp', { recursive: true })
    folder = mkdtempSync(join('tmp', 'schemas-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  it('is written as the code of an app, with what does not count', async () => {
    const { status, stdout } = await commandLine('schema', write('trip.avsc', JSON.stringify(trip)))
    assert.equal(status, EXIT.done)
    assert.match(stdout, /^\/\/ Note: field 'seconds' has the default 0, which is not used/)
    assert.match(stdout, /\n {2}fare: decimal\(10, 2\)\.nullable\(\),\n/)
  })

  it('may be a document of the reference system, whose floats are noted', async () => {
    const schema = { name: 'trips', fields: [{ name: 'fare', type: 'float' }] }
    const document = write('trips.json', JSON.stringify({ key_space: 'k', schema, primary_key: ['fare'] }))
    const { stdout } = await commandLine('schema', document)
    assert.match(stdout, /^\/\/ Note: field 'fare' is a float.*\nimport \{ float, schema \} from 'mysimbdp'\n/)
  })

  it('is refused by field, or where there is no file', async () => {
    const nested = { ...trip, fields: [{ name: 'stops', type: { type: 'array', items: 'int' } }] }
    const refused = await commandLine('schema', write('nested.avsc', JSON.stringify(nested)))
    assertRefused(refused, EXIT.user, /field 'stops' of Avro record 'Trip' is array[\s\S]*MSB_SCHEMA_INVALID/)
    assertRefused(await commandLine('schema', join(folder, 'none.avsc')), EXIT.user, /MSB_INPUT_NOT_FOUND/)
  })

  it('is what an app reads records by, which it holds to the fields it uses', async () => {
    write('trip.avsc', JSON.stringify(trip))
    const records = write(
      'trips.ndjson',
      '{"at":"2024-05-01T10:00:00Z","fare":12.50,"seconds":5}\n{"at":"2024-05-01T11:00:00Z","seconds":5}\n',
    )
    const app = write('app.ts', appOf('at: timestamp(), fare: decimal(10, 2).nullable()'))
    const run = await commandLine('run', app, '--input', `trips=${records}`, '--format', 'json')
    assert.equal(run.status, EXIT.done, run.stderr)
    assert.match(run.stdout, /"trips":2,"total":12\.50/)
    const wrong = await commandLine('explain', write('wrong.ts', appOf('at: timestamp(), fare: float().nullable()')))
    assert.match(
      wrong.stderr,
      /field 'fare' of schema 'Trip' is decimal\(10, 2\) or null in it, and float or null is expected/,
    )
  })
})
