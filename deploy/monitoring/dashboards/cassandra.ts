import { type Dashboard, line, now, overTime, rateBy } from '../dashboard.ts'

const MICROSECONDS = 1e6

export const cassandra: Dashboard = {
  name: 'cassandra',
  title: 'mysimbdp: Cassandra',
  choices: [],
  rows: [
    {
      title: 'Nodes',
      panels: [
        now(
          { title: 'Nodes online', description: 'Nodes that answer Prometheus', unit: 'none' },
          'sum(up{job="cassandra"})',
        ),
        now(
          { title: 'Clients', description: 'Connections of drivers: the sink, the platform', unit: 'none' },
          'sum(cassandra_client_connectednativeclients)',
        ),
        now({ title: 'Data', description: 'On the disks of all nodes', unit: 'bytes' }, 'sum(cassandra_storage_load)'),
        now(
          { title: 'Compactions', description: 'That wait to be done', unit: 'none' },
          'sum(cassandra_compaction_pendingtasks)',
        ),
      ],
    },
    {
      title: 'Requests',
      panels: [
        overTime(
          { title: 'Requests', description: 'A second, by kind, as coordinators count them', unit: 'cps' },
          line(rateBy('cassandra_client_request_latency_count', 'op'), '{{op}}'),
        ),
        overTime(
          { title: 'Latency, 99th percentile', description: 'By kind, the worst node', unit: 's' },
          line(`max by (op) (cassandra_client_request_latency_99thpercentile) / ${MICROSECONDS}`, '{{op}}'),
        ),
        overTime(
          { title: 'Requests without success', description: 'Timed out, too few replicas, failed', unit: 'none' },
          line('sum by (op) (cassandra_client_request_timeouts_count)', '{{op}} timed out'),
          line('sum by (op) (cassandra_client_request_unavailables_count)', '{{op}} unavailable'),
          line('sum by (op) (cassandra_client_request_failures_count)', '{{op}} failed'),
        ),
      ],
    },
    {
      title: 'Processes',
      panels: [
        overTime(
          { title: 'CPU', description: 'Processors in use: 1 is one of them all the time', unit: 'short' },
          line(rateBy('process_cpu_seconds_total{job="cassandra"}', 'instance'), '{{instance}}'),
        ),
        overTime(
          { title: 'JVM memory', description: 'Heap and the rest, in use', unit: 'bytes' },
          line('sum by (instance, area) (jvm_memory_bytes_used{job="cassandra"})', '{{instance}} {{area}}'),
        ),
      ],
    },
  ],
}
