import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { answersOk } from '../answers-ok.ts'
import type { ClusterLayout } from '../cluster-layout.ts'
import { yamlText } from '../configuration-text.ts'
import type { Server } from '../server.ts'

/** Where `mysimbdp start` listens unless told otherwise. */
const PLATFORM = '127.0.0.1:7077'
/** In the folder of the server. Prometheus reads it again when it changes. */
export const PLATFORMS_FILE = 'platforms.json'
const RULES = fileURLToPath(new URL('../../../../deploy/prometheus/rules.yml', import.meta.url))

/** A Prometheus that asks the servers, and the platforms of a file, for their figures, and warns of what `deploy/prometheus` names. */
export function prometheusServer(layout: ClusterLayout, clusterFolder: string): Server {
  const { host, port } = layout.prometheus
  const name = 'prometheus-1'
  const folder = join(clusterFolder, name)
  const configuration = join(folder, 'prometheus.yml')
  return {
    name,
    kind: 'prometheus',
    folder,
    address: layout.prometheus,
    listens: [layout.prometheus],
    after: [],
    prepare: async ({ prometheus }) => {
      mkdirSync(folder, { recursive: true })
      const platforms = join(folder, PLATFORMS_FILE)
      if (!existsSync(platforms)) writeFileSync(platforms, platformsText([PLATFORM]))
      writeFileSync(configuration, yamlText(scraping(layout)))
      return {
        program: prometheus,
        arguments: [
          `--config.file=${configuration}`,
          `--storage.tsdb.path=${join(folder, 'data')}`,
          '--storage.tsdb.retention.time=2d',
          `--web.listen-address=${host}:${port}`,
        ],
        folder,
      }
    },
    isReady: () => answersOk(`http://${host}:${port}/-/ready`),
  }
}

/** @param addresses `host:port` of each platform */
export const platformsText = (addresses: readonly string[]): string => `${JSON.stringify([{ targets: addresses }])}\n`

function scraping({ brokers, cassandraNodes, connectWorkers }: ClusterLayout): Readonly<Record<string, unknown>> {
  const job = (job_name: string, targets: readonly string[]) => ({ job_name, static_configs: [{ targets }] })
  const agents = (places: readonly { readonly host: string; readonly metricsPort: number }[]): readonly string[] =>
    places.map(({ host, metricsPort }) => `${host}:${metricsPort}`)
  return {
    rule_files: [RULES],
    global: { scrape_interval: '10s', scrape_timeout: '8s', evaluation_interval: '10s' },
    scrape_configs: [
      { job_name: 'mysimbdp', file_sd_configs: [{ files: [PLATFORMS_FILE], refresh_interval: '10s' }] },
      job('kafka', agents(brokers)),
      job('connect', agents(connectWorkers)),
      job('cassandra', agents(cassandraNodes)),
    ],
  }
}
