/** A sentence for a person when `query` has had a value for so long. */
export interface AlertRule {
  readonly alert: string
  readonly query: string
  /** Prometheus' form: `30s`, `5m`. Short, since a server that is gone is worth a look before somebody asks. */
  readonly lasting: string
  readonly severity: 'warning' | 'critical'
  /** `{{ $labels.app }}` is the value of a label. */
  readonly summary: string
  readonly whatToDo: string
}

/** A series that Prometheus makes of others. */
export interface RecordingRule {
  readonly record: string
  readonly query: string
}

export interface RuleGroup {
  readonly name: string
  readonly rules: readonly (AlertRule | RecordingRule)[]
}

const platform: RuleGroup = {
  name: 'mysimbdp',
  rules: [
    {
      alert: 'MysimbdpDown',
      query: 'up{job="mysimbdp"} == 0',
      lasting: '30s',
      severity: 'critical',
      summary: 'The platform at {{ $labels.instance }} does not answer',
      whatToDo: 'Look at its log; start it again on the same data folder: nothing counts twice.',
    },
    {
      alert: 'MysimbdpFailed',
      query: 'mysimbdp_health_status == 2',
      lasting: '30s',
      severity: 'critical',
      summary: 'App {{ $labels.app }} has failed',
      whatToDo: '`mysimbdp doctor` says what failed and what to do.',
    },
    {
      alert: 'MysimbdpNotWell',
      query: 'mysimbdp_health_status == 1',
      lasting: '1m',
      severity: 'warning',
      summary: 'App {{ $labels.app }} is not well',
      whatToDo: '`mysimbdp doctor` says why, in sentences.',
    },
    {
      alert: 'MysimbdpRecordsRejected',
      query: 'sum by (app, stream) (rate(mysimbdp_ingest_rejected_records_total[5m])) > 1',
      lasting: '0s',
      severity: 'warning',
      summary: 'Records of {{ $labels.app }}/{{ $labels.stream }} do not fit the schema',
      whatToDo: '`mysimbdp dead-letters` lists them with reasons; they can be repaired and replayed.',
    },
    {
      alert: 'MysimbdpResultsLate',
      query: 'histogram_quantile(0.99, sum by (app, le) (rate(mysimbdp_job_latency_seconds_bucket[5m]))) > 1',
      lasting: '5m',
      severity: 'warning',
      summary: 'Results of {{ $labels.app }} come more than a second after the records',
      whatToDo: 'Compare the rates of the dashboard: does the job fall behind, or do commits take long?',
    },
    {
      alert: 'MysimbdpDiskNearlyFull',
      query: 'mysimbdp_disk_free_bytes < mysimbdp_disk_reserve_bytes',
      lasting: '30s',
      severity: 'critical',
      summary: 'The disk of the data folder is nearly full',
      whatToDo: 'Make room, or give streams a retention: a full disk refuses records.',
    },
  ],
}

const kafka: RuleGroup = {
  name: 'kafka',
  rules: [
    {
      alert: 'KafkaBrokerDown',
      query: 'up{job="kafka"} == 0',
      lasting: '20s',
      severity: 'critical',
      summary: 'Broker {{ $labels.instance }} does not answer',
      whatToDo: 'Look at its log and start it again: `mysimbdp cluster up` does so on a laptop.',
    },
    {
      alert: 'KafkaPartitionsOffline',
      query: 'max(kafka_controller_kafkacontroller_offlinepartitionscount) > 0',
      lasting: '20s',
      severity: 'critical',
      summary: '{{ $value }} partitions have no leader: nobody can write or read them',
      whatToDo: 'Bring the broker back that holds them; topics with replication 1 have no other copy.',
    },
    {
      alert: 'KafkaPartitionsUnderReplicated',
      query: 'sum(kafka_server_replicamanager_underreplicatedpartitions) > 0',
      lasting: '1m',
      severity: 'warning',
      summary: '{{ $value }} partitions have fewer replicas in step than they should have',
      whatToDo: 'A broker is down or slow; another one that ends could stop writing.',
    },
    {
      alert: 'KafkaNoController',
      query: 'sum(kafka_controller_kafkacontroller_activecontrollercount) != 1',
      lasting: '1m',
      severity: 'critical',
      summary: 'The cluster has {{ $value }} active controllers instead of one',
      whatToDo: 'Without one no topic can be made and no leader chosen: look at the controllers.',
    },
    {
      record: 'kafka_producer_record_error_rate',
      query: 'label_join(rate(mysimbdp_ingest_failed_records_total[1m]), "client_id", "_", "app", "stream")',
    },
    {
      alert: 'KafkaRecordsNotWritten',
      query: 'sum by (job, client_id) (kafka_producer_record_error_rate) > 0',
      lasting: '30s',
      severity: 'warning',
      summary: 'Producer {{ $labels.client_id }} could not write records',
      whatToDo: 'Senders were told; look at the health of the broker and the log of the producer.',
    },
  ],
}

const connect: RuleGroup = {
  name: 'connect',
  rules: [
    {
      alert: 'ConnectWorkerDown',
      query: 'up{job="connect"} == 0',
      lasting: '20s',
      severity: 'critical',
      summary: 'Connect worker {{ $labels.instance }} does not answer',
      whatToDo: 'Start it again; its tasks move to other workers, and results wait in their topics.',
    },
    {
      alert: 'ConnectTaskFailed',
      query: 'sum by (connector) (kafka_connect_connect_worker_metrics_connector_failed_task_count) > 0',
      lasting: '20s',
      severity: 'critical',
      summary: 'Tasks of connector {{ $labels.connector }} have failed',
      whatToDo: '`mysimbdp doctor` gives the reason; the platform starts tasks of its own connectors again.',
    },
    {
      alert: 'ConnectRowsRefused',
      query: 'sum by (connector) (increase(kafka_connect_task_error_metrics_deadletterqueue_produce_requests[5m])) > 0',
      lasting: '0s',
      severity: 'warning',
      summary: 'The store did not take rows of connector {{ $labels.connector }}',
      whatToDo: 'They are in the dead-letter topic of the connector, with the reason in their headers.',
    },
  ],
}

const cassandra: RuleGroup = {
  name: 'cassandra',
  rules: [
    {
      alert: 'CassandraNodeDown',
      query: 'up{job="cassandra"} == 0',
      lasting: '20s',
      severity: 'critical',
      summary: 'Cassandra node {{ $labels.instance }} does not answer',
      whatToDo: 'Start it again. Rows that could not be written wait in their topics.',
    },
    {
      alert: 'CassandraRequestsFail',
      query:
        'sum by (op) (rate(cassandra_client_request_timeouts_count[5m]) + rate(cassandra_client_request_unavailables_count[5m])) > 0',
      lasting: '1m',
      severity: 'warning',
      summary: '{{ $labels.op }} requests time out or find too few replicas',
      whatToDo: 'Look at the load of the nodes, and at how many of them are up.',
    },
  ],
}

export const ruleGroups: readonly RuleGroup[] = [platform, kafka, connect, cassandra]
