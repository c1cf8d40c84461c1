import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { usualLayout } from './cluster-layout.ts'
import { defaultShape } from './cluster-shape.ts'

/** No server of a local cluster. */
const GRAFANA_PORT = 27030

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

describe('compose.yaml', () => {
  const compose = read('compose.yaml')

  it('has the versions that Maven brings', () => {
    const versionOf = (module: string, artifact: string): string =>
      new RegExp(`<artifactId>${artifact}</artifactId><version>([^<]+)<`).exec(
        read(`deploy/local-cluster/${module}/pom.xml`),
      )![1]!
    const images = [...compose.matchAll(/image: (.+)/g)].map(([, image]) => image)
    const kafka = `apache/kafka:${versionOf('kafka', 'kafka-tools')}`
    assert.deepEqual(images.slice(0, 3), [kafka, `cassandra:${versionOf('cassandra', 'cassandra-all')}`, kafka])
  })

  it('has the usual ports, on this machine alone', () => {
    const { brokers, cassandraNodes, connectWorkers, prometheus } = usualLayout(defaultShape, {})
    const ports = [...compose.matchAll(/ports: \["127\.0\.0\.1:(\d+):\d+"\]/g)].map(([, port]) => Number(port))
    const usual = [brokers[0]!.port, cassandraNodes[0]!.port, connectWorkers[0]!.port, prometheus.port, GRAFANA_PORT]
    assert.deepEqual(ports, usual)
  })
})
