import { type Dashboard, line, now, overTime, type Panel, rateBy } from '../dashboard.ts'

/** A broker counts all its topics under the same name as each of them: without a topic it is the broker as a whole. */
const ofBroker = (name: string): string => `kafka_server_brokertopicmetrics_${name}_total{topic=""}`
const ofTopics = (name: string): string => `kafka_server_brokertopicmetrics_${name}_total{topic!="",topic=~"$topic"}`

/** What goes in and out, a line for each value of a label. */
const traffic = (of: (name: string) => string, label: string, aboutMessages: string): readonly Panel[] => {
  const rate = (name: string) => line(rateBy(of(name), label), `{{${label}}}`)
  return [
    overTime({ title: 'Messages in', description: aboutMessages, unit: 'cps' }, rate('messagesin')),
    overTime(
      { title: 'Bytes in', description: 'As they came, compressed where they are', unit: 'Bps' },
      rate('bytesin'),
    ),
    overTime(
      { title: 'Bytes out', description: 'To consumers; replication is not among them', unit: 'Bps' },
      rate('bytesout'),
    ),
  ]
}

export const kafka: Dashboard = {
  name: 'kafka',
  title: 'mysimbdp: Kafka',
  choices: [{ label: 'topic', of: 'kafka_log_log_size' }],
  rows: [
    {
      title: 'Cluster',
      panels: [
        now(
          { title: 'Brokers online', description: 'Brokers that answer Prometheus', unit: 'none' },
          'sum(up{job="kafka"})',
        ),
        now(
          { title: 'Active controllers', description: 'More or less than one is wrong', unit: 'none' },
          'sum(kafka_controller_kafkacontroller_activecontrollercount)',
        ),
        now(
          { title: 'Partitions', description: 'Of all topics, by the controller', unit: 'none' },
          'max(kafka_controller_kafkacontroller_globalpartitioncount)',
        ),
        now(
          { title: 'Offline partitions', description: 'Without a leader: nobody can write or read them', unit: 'none' },
          'max(kafka_controller_kafkacontroller_offlinepartitionscount)',
        ),
        now(
          {
            title: 'Under-replicated partitions',
            description: 'With fewer replicas in step than they should have',
            unit: 'none',
          },
          'sum(kafka_server_replicamanager_underreplicatedpartitions)',
        ),
        now(
          { title: 'Log size', description: 'Of all topics on all brokers, replicas included', unit: 'bytes' },
          'sum(kafka_log_log_size)',
        ),
      ],
    },
    {
      title: 'Traffic by broker',
      panels: [
        ...traffic(ofBroker, 'instance', 'What producers wrote'),
        overTime(
          {
            title: 'Online partitions',
            description: 'Partitions that a broker holds, and those it leads',
            unit: 'none',
          },
          line('kafka_server_replicamanager_partitioncount', '{{instance}} holds'),
          line('kafka_server_replicamanager_leadercount', '{{instance}} leads'),
        ),
      ],
    },
    {
      title: 'Traffic by topic',
      panels: [
        ...traffic(ofTopics, 'topic', 'A topic appears when it first has traffic'),
        overTime(
          { title: 'Log size', description: 'On the disks of all brokers', unit: 'bytes' },
          line('sum by (topic) (kafka_log_log_size{topic=~"$topic"})', '{{topic}}'),
        ),
      ],
    },
    {
      title: 'Processes',
      panels: [
        overTime(
          { title: 'CPU', description: 'Processors in use: 1 is one of them all the time', unit: 'short' },
          line(rateBy('process_cpu_seconds_total{job="kafka"}', 'instance'), '{{instance}}'),
        ),
        overTime(
          { title: 'JVM memory', description: 'Heap and the rest, in use', unit: 'bytes' },
          line('sum by (instance, area) (jvm_memory_bytes_used{job="kafka"})', '{{instance}} {{area}}'),
        ),
        overTime(
          {
            title: 'Record error rate',
            description: 'Records a second that a producer could not write: the platform by app, Connect by client',
            unit: 'cps',
          },
          line('sum by (job, client_id) (kafka_producer_record_error_rate)', '{{job}} {{client_id}}'),
        ),
      ],
    },
  ],
}
