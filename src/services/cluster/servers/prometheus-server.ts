import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { answersOk } from '../answers-ok.ts'
import type { ClusterLayout } from '../cluster-layout.ts'
import { yamlText } from '../configuration-text.ts'
import type { Server } from '../server.ts'

/** Where `mysimbdp start` listens unless told otherwise. */
const PLATFORM = '127.0.0.1:7077'

/** A Prometheus that asks the servers, and a platform on its usual port, for their figures. */
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

function scraping({ brokers, cassandraNodes, connectWorkers }: ClusterLayout): Readonly<Record<string, unknown>> {
  const job = (job_name: string, targets: readonly string[]) => ({ job_name, static_configs: [{ targets }] })
  const agents = (places: readonly { readonly host: string; readonly metricsPort: number }[]): readonly string[] =>
    places.map(({ host, metricsPort }) => `${host}:${metricsPort}`)
  return {
    global: { scrape_interval: '10s', scrape_timeout: '8s', evaluation_interval: '10s' },
    scrape_configs: [
      job('mysimbdp', [PLATFORM]),
      job('kafka', agents(brokers)),
      job('connect', agents(connectWorkers)),
      job('cassandra', agents(cassandraNodes)),
    ],
  }
}
