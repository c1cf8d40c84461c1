import assert from 'node:assert/strict'
import { join } from 'node:path'
import { it } from 'node:test'
import { LocalBroker } from '#dataplane/brokers/local/local-broker.ts'
import { createJsonDecoder } from '#dataplane/decoding/decoder.ts'
import { EmbeddedEngine } from '#dataplane/engines/embedded/embedded-engine.ts'
import { SqliteJobStore } from '#dataplane/engines/embedded/state/sqlite-job-store.ts'
import { SqliteResultReader } from '#dataplane/engines/embedded/state/sqlite-result-reader.ts'
import { streamsOf } from '#language/plan/plan.ts'
import { loadScenario } from '../support/scenario.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'

const { plan } = await loadScenario('update-shows-open-windows')
const STREAM = 'readings'
const source = streamsOf(plan).get(STREAM)!
const LINES = [
  ['{"id":"a","at":1000}', '{"id":"b","AT":2000}', '{"id":"c","at":3000}'],
  ['{"id":"d","at":9000}', '{"id":"e","at":500}'],
]

const decode = (lines: readonly string[]) => {
  const decoder = createJsonDecoder(source)
  decoder.write(Buffer.from(`${lines.join('\n')}\n`))
  return decoder.take(lines.length, { arrivalMs: 0, maxFutureSkewMs: null })!
}

/** Opens the folder as a process does, lets the job follow, and lets go. Answers the rows. */
async function follow(
  folder: string,
  batches: readonly (readonly string[])[],
  repair?: string,
): Promise<readonly string[]> {
  const broker = new LocalBroker({ folder: join(folder, 'log') })
  const { schema, eventTime } = source
  const log = await broker.openStream({ topic: 'scenario', schema, eventTime, partitions: 1 })
  for (const lines of batches) await log.append({ partition: 0, decoded: decode(lines), arrivalMs: 0 })
  const engine = new EmbeddedEngine(() => new SqliteJobStore(join(folder, 'job.db')))
  const job = await engine.openJob({ plan, streams: new Map([[STREAM, log]]), lateness: 'watermark' })
  while (await job.step());
  await job.close()
  // Placed after the job is gone: nobody tells it.
  if (repair !== undefined)
    await log.placeRepaired({ partition: 0, letters: [1], batch: decode([repair]).batch, nowMs: 1 })
  await broker.close()
  const results = new SqliteResultReader(join(folder, 'job.db'))
  const rows = plan.queries.flatMap(({ name }) => [...results.rows(name)].map(({ row }) => row))
  results.close()
  return rows
}

it('a process that is killed between placing records and rebuilding computes the queries anew when it starts again', () =>
  withScratchFolder((clean) =>
    withScratchFolder(async (folder) => {
      const repaired = '{"id":"b","at":2000}'
      const wanted = await follow(clean, [[LINES[0]![0]!, repaired, LINES[0]![2]!], LINES[1]!])
      const before = await follow(folder, LINES, repaired)
      assert.notDeepEqual(before, wanted)
      assert.deepEqual(await follow(folder, []), wanted)
      assert.deepEqual(await follow(folder, []), wanted)
    }),
  ))
