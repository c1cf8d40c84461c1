import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LocalBroker } from '../../brokers/local/local-broker.ts'
import { createJsonDecoder } from '../../decoding/decoder.ts'
import { contractSource, type EngineBench, engineContract } from '../engine.contract.ts'
import { EmbeddedEngine } from './embedded-engine.ts'
import { SqliteJobStore } from './state/sqlite-job-store.ts'
import { SqliteResultReader } from './state/sqlite-result-reader.ts'

async function openBench(folder: string): Promise<EngineBench> {
  const broker = new LocalBroker({ folder: join(folder, 'log') })
  const log = await broker.openStream({ topic: 'contract_readings', ...contractSource, partitions: 1 })
  const jobFile = join(folder, 'job.db')
  return {
    engine: new EmbeddedEngine(() => new SqliteJobStore(jobFile)),
    log,
    async append(ndjson) {
      const decoder = createJsonDecoder(contractSource)
      decoder.write(new TextEncoder().encode(ndjson))
      await log.append({
        partition: 0,
        arrivalMs: 0,
        decoded: decoder.take(1000, { arrivalMs: 0, maxFutureSkewMs: null })!,
      })
    },
    rows(query) {
      const reader = new SqliteResultReader(jobFile)
      try {
        return new Map([...reader.rows(query)].map(({ key, row }) => [key, row]))
      } finally {
        reader.close()
      }
    },
    async reopen() {
      await broker.close()
      return openBench(folder)
    },
    async dispose() {
      await broker.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

engineContract('the embedded engine', () => openBench(mkdtempSync(join(tmpdir(), 'mysimbdp-engine-'))))
