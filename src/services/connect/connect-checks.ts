import type { ServerChecks } from '#foundation/connections/server-checks.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { ConnectClient } from './connect-client.ts'
import { CASSANDRA_SINK_CLASS } from './connector-config.ts'

/** Whether Kafka Connect answers, and has the connector that brings results to Cassandra. */
export function connectChecks(options: ConstructorParameters<typeof ConnectClient>[0]): ServerChecks {
  const client = new ConnectClient(options)
  const reach = async (): Promise<string> => {
    const { length } = await client.list()
    return `it answers, and has ${length} ${length === 1 ? 'connector' : 'connectors'}`
  }
  const plugin = async (): Promise<string> => {
    if ((await client.plugins()).includes(CASSANDRA_SINK_CLASS)) return `'${CASSANDRA_SINK_CLASS}' is there`
    throw new MysimbdpError('MSB_SINK_REFUSED', `Kafka Connect does not have the class '${CASSANDRA_SINK_CLASS}'`, {
      hint: 'Build deploy/connect/cassandra-sink with Maven, put the folder with its jars where plugin.path of every worker points, and restart the workers.',
    })
  }
  return {
    checks: [
      { what: `Kafka Connect at ${options.url}`, look: reach },
      { what: 'the connector for Cassandra', look: plugin },
    ],
    close: async () => {},
  }
}
