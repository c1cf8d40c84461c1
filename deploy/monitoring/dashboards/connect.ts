import { type Dashboard, line, now, overTime, rateBy } from '../dashboard.ts'

const ofConnectors = (name: string): string => `${name}{connector=~"$connector"}`
const total = (name: string): string => `sum(kafka_connect_connect_worker_metrics_${name})`

export const connect: Dashboard = {
  name: 'connect',
  title: 'mysimbdp: Kafka Connect',
  choices: [{ label: 'connector', of: 'kafka_connect_connect_worker_metrics_connector_total_task_count' }],
  rows: [
    {
      title: 'Workers',
      panels: [
        now(
          { title: 'Workers online', description: 'Workers that answer Prometheus', unit: 'none' },
          'sum(up{job="connect"})',
        ),
        now({ title: 'Connectors', description: 'On all workers', unit: 'none' }, total('connector_count')),
        now({ title: 'Tasks', description: 'On all workers, whatever their state', unit: 'none' }, total('task_count')),
        now(
          {
            title: 'Failed tasks',
            description: 'The connector may still say RUNNING; the platform starts its tasks again, later and later',
            unit: 'none',
          },
          total('connector_failed_task_count'),
        ),
      ],
    },
    {
      title: 'Rows on their way to the store',
      panels: [
        overTime(
          { title: 'Sent', description: 'Records a second that tasks gave to the store', unit: 'cps' },
          line(
            `sum by (connector) (${ofConnectors('kafka_connect_sink_task_metrics_sink_record_send_rate')})`,
            '{{connector}}',
          ),
        ),
        overTime(
          { title: 'Time of a batch', description: 'How long the store took for one, on average', unit: 's' },
          line(
            `max by (connector) (${ofConnectors('kafka_connect_sink_task_metrics_put_batch_avg_time_ms')}) / 1000`,
            '{{connector}}',
          ),
        ),
        overTime(
          { title: 'Refused rows', description: 'Written to the dead-letter topic of the connector', unit: 'none' },
          line(
            `sum by (connector) (${ofConnectors('kafka_connect_task_error_metrics_deadletterqueue_produce_requests')})`,
            '{{connector}}',
          ),
        ),
        overTime(
          {
            title: 'Lag',
            description: 'Records behind the end of the result topic, the worst partition',
            unit: 'short',
          },
          line('max by (client_id) (kafka_consumer_records_lag_max{job="connect"} >= 0)', '{{client_id}}'),
        ),
      ],
    },
    {
      title: 'Processes',
      panels: [
        overTime(
          { title: 'CPU', description: 'Processors in use: 1 is one of them all the time', unit: 'short' },
          line(rateBy('process_cpu_seconds_total{job="connect"}', 'instance'), '{{instance}}'),
        ),
        overTime(
          { title: 'JVM memory', description: 'Heap and the rest, in use', unit: 'bytes' },
          line('sum by (instance, area) (jvm_memory_bytes_used{job="connect"})', '{{instance}} {{area}}'),
        ),
      ],
    },
  ],
}
