import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { commandLine, EXIT } from './product-process.ts'

const repository = fileURLToPath(new URL('../../', import.meta.url))
const page = readFileSync(join(repository, 'docs/how-to/sessions-and-duplicates.md'), 'utf8')

/** What stands in the page behind this line, to the end of the block. */
function block(line: string): string {
  const found = page.split(`${line}\n`)[1]?.split('```')[0]
  assert.ok(found !== undefined, `the page has no line ${line}`)
  return found
}

describe('the example of sessions and duplicates', () => {
  let folder: string
  const inFolder = (name: string): string => join(folder, name)

  before(async () => {
    // Inside the repository, where an app finds what it imports, and where Git does not look.
    mkdirSync(join(repository, 'data'), { recursive: true })
    folder = mkdtempSync(join(repository, 'data', 'shifts-'))
    writeFileSync(inFolder('app.ts'), block('```ts'))
    writeFileSync(inFolder('trips.ndjson'), block('```json'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('gives the rows that the page shows', async () => {
    const said = await commandLine(
      ...['run', folder, '--input', `trips=${inFolder('trips.ndjson')}`, '--as-stream', '--data', inFolder('run')],
    )
    assert.equal(said.status, EXIT.done, said.stderr)
    const shown = block('$ npx mysimbdp run data/shifts --input trips=trips.ndjson --as-stream')
    assert.ok(said.stdout.includes(shown), said.stdout)
  })

  it('lists the record that was late for deduplication, and says so', async () => {
    const list = await commandLine('late', 'list', '--data', inFolder('run'))
    assert.match(
      list.stdout,
      /shifts: 1 late record\n.*│ +6 │ 2024-04-13T08:05:00.000-05:00 │ late for deduplication │/s,
    )
    const show = await commandLine('late', 'show', '6', '--data', inFolder('run'), '--query', 'shifts')
    assert.match(show.stdout, /missed {6}deduplication: its key may have lived before\n.*"trip": ?"t2"/s)
    const exported = await commandLine('late', 'export', '--data', inFolder('run'), '--query', 'shifts')
    assert.match(
      exported.stdout,
      /^\{"partition":0,"offset":6,"eventTime":"2024-04-13T08:05:00.000-05:00","windows":\[\],"record"/,
    )
  })

  it('counts repeats of any age where nothing is late', async () => {
    const input = `trips=${inFolder('trips.ndjson')}`
    const said = await commandLine('run', folder, '--input', input, '--format', 'json')
    const { queries } = JSON.parse(said.stdout) as { queries: { shifts: { rows: { trips: number }[]; late: number } } }
    assert.deepEqual([queries.shifts.rows.map(({ trips }) => trips), queries.shifts.late], [[3, 1, 1], 0])
  })
})
