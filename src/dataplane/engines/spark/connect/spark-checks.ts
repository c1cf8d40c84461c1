import type { ServerChecks } from '#foundation/connections/server-checks.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { requireAvro } from './avro-support.ts'
import { sparkAddressOf } from './connection-string.ts'
import { SparkSession } from './spark-session.ts'

/** Whether a Spark Connect server answers, and what it can read. Nothing is started there. */
export function sparkChecks(url: string): ServerChecks {
  const address = sparkAddressOf(url)
  const session = new SparkSession(address)
  const reads = async (): Promise<string> => {
    try {
      await requireAvro(session)
      return 'it reads JSON and Avro'
    } catch (error) {
      if (!(error instanceof MysimbdpError) || error.code !== 'MSB_SPARK_AVRO_MISSING') throw error
      return 'it reads JSON; a query ends at a record of Avro until the server has the package org.apache.spark:spark-avro_2.13 of its version'
    }
  }
  return {
    checks: [
      { what: `Spark Connect at ${address.baseUrl}`, look: async () => `it is Spark ${await session.version()}` },
      { what: 'records on Spark', look: reads },
    ],
    close: async () => session.close(),
  }
}
