import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { collectJson } from './collect-rows.ts'
import type { SparkSession } from './spark-session.ts'

const READS_AVRO = `SELECT from_avro(X'02', '"long"') AS value`

/**
 * Whether the server can read Avro: that is a package of its own.
 * @throws MSB_SPARK_AVRO_MISSING; what `SparkSession` throws
 */
export async function requireAvro(session: SparkSession): Promise<void> {
  try {
    await collectJson(session, { relType: { case: 'sql', value: { query: READS_AVRO } } })
  } catch (cause) {
    if (!(cause instanceof MysimbdpError) || cause.code !== 'MSB_SPARK_REFUSED') throw cause
    throw new MysimbdpError('MSB_SPARK_AVRO_MISSING', 'the Spark server cannot read Avro: it has no from_avro', {
      cause,
    })
  }
}
