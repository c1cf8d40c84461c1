import assert from 'node:assert/strict'
import { it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { greenhouse, greenhouseQueries, greenhouseReadings } from '../support/greenhouse.ts'
import { boundedRows, LiveHost, until } from '../support/live-host.ts'

const { warmth, cold } = greenhouseQueries
const REPLAY = '/v1/apps/greenhouse/streams/readings/dead-letters/replay'

it('a placing of repaired records that fails in the middle is finished, and the queries count what was placed', async () => {
  const app = greenhouse({ warmth: warmth('update'), cold: cold('update') })
  const lines = greenhouseReadings(400)
  const renamed = lines.map((line, i) => (i % 4 === 1 ? line.replaceAll(/"(\w+)":/g, '"x_$1":') : line))
  const host = await LiveHost.open([app], {
    context: { entry: new URL('./placing-cut-off-worker.ts', import.meta.url) },
  })
  try {
    await host.feed('greenhouse', 'readings', renamed)
    const wanted = await boundedRows(app, { readings: lines })
    const wantedRows = (query: string) =>
      wanted(query)
        .map(({ row }) => row)
        .sort()
    assert.notDeepEqual(host.rows('greenhouse', 'cold'), wantedRows('cold'))
    const replay = () =>
      host.request(REPLAY, { method: 'POST', body: JSON.stringify({ rebuild: true, renames: ['x_*=*'] }) })
    const cutOff = await replay()
    assert.deepEqual([cutOff.status, cutOff.answer.error?.code], [507, 'MSB_DISK_FULL'])
    const isWhole = (query: string): boolean => isDeepStrictEqual(host.rows('greenhouse', query), wantedRows(query))
    await until(() => ['warmth', 'cold'].every(isWhole), 'all that was placed counts')
    assert.equal((await replay()).status, 200)
    await host.feed('greenhouse', 'readings', [])
    for (const query of ['warmth', 'cold']) assert.deepEqual(host.rows('greenhouse', query), wantedRows(query))
  } finally {
    await host.close()
  }
})
