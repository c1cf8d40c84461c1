import { type Dashboard, line, now, overTime, RANGE, rateBy } from '../dashboard.ts'

const ofApps = (name: string): string => `${name}{app=~"$app"}`

/** Of a histogram in seconds. */
const percentile = (share: number, histogram: string): string =>
  `histogram_quantile(${share}, ${rateBy(ofApps(`${histogram}_bucket`), 'app', 'le')})`

export const platform: Dashboard = {
  name: 'platform',
  title: 'mysimbdp: platform',
  choices: [{ label: 'app', of: 'mysimbdp_job_up' }],
  rows: [
    {
      title: 'Health',
      panels: [
        now(
          { title: 'Platform', description: '0 well, 1 something is wrong, 2 something has failed', unit: 'none' },
          'max(mysimbdp_health_platform_status)',
        ),
        now(
          { title: 'Jobs running', description: 'Apps whose results are computed', unit: 'none' },
          `sum(${ofApps('mysimbdp_job_up')})`,
        ),
        now(
          {
            title: 'Unread',
            description: 'Records in logs that a query has not read, all queries together',
            unit: 'short',
          },
          `sum(${ofApps('mysimbdp_query_unread_records')})`,
        ),
        now(
          { title: 'Free disk', description: 'Where the data folder is', unit: 'bytes' },
          'min(mysimbdp_disk_free_bytes)',
        ),
        overTime(
          { title: 'Findings', description: 'What is wrong, by code; mysimbdp doctor says it in words', unit: 'none' },
          line('sum by (app, code) (mysimbdp_health_findings) > 0', '{{app}} {{code}}'),
        ),
        overTime(
          {
            title: 'Event time of results',
            description: 'Up to which time all windows of a query are closed',
            unit: 'dateTimeAsIso',
          },
          line(`${ofApps('mysimbdp_query_closed_up_to_timestamp_seconds')} * 1000`, '{{app}} {{query}}'),
        ),
      ],
    },
    {
      title: 'Records',
      panels: [
        overTime(
          { title: 'Accepted', description: 'Records that fit the schema and are in the log', unit: 'cps' },
          line(rateBy(ofApps('mysimbdp_ingest_accepted_records_total'), 'app', 'stream'), '{{app}}/{{stream}}'),
        ),
        overTime(
          { title: 'Rejected', description: 'Records that do not fit, by reason; kept as dead letters', unit: 'cps' },
          line(
            rateBy(ofApps('mysimbdp_ingest_rejected_records_total'), 'app', 'stream', 'reason'),
            '{{app}}/{{stream}} {{reason}}',
          ),
        ),
        overTime(
          { title: 'Late', description: 'Records that came too late for at least one of their windows', unit: 'cps' },
          line(rateBy(ofApps('mysimbdp_query_late_records_total'), 'app', 'query'), '{{app}} {{query}}'),
        ),
        overTime(
          { title: 'Not read yet', description: 'Records in the log behind which a query is', unit: 'short' },
          line(ofApps('mysimbdp_query_unread_records'), '{{app}} {{query}}'),
        ),
      ],
    },
    {
      title: 'Results',
      panels: [
        overTime(
          { title: 'Rows written', description: 'A row that changes is written again', unit: 'cps' },
          line(rateBy(ofApps('mysimbdp_results_rows_written_total'), 'app', 'query'), '{{app}} {{query}}'),
        ),
        overTime(
          { title: 'From arrival to committed result', description: 'Record by record', unit: 's' },
          line(percentile(0.5, 'mysimbdp_job_latency_seconds'), '{{app}} half'),
          line(percentile(0.99, 'mysimbdp_job_latency_seconds'), '{{app}} 99 of 100'),
        ),
        overTime(
          { title: 'Time of a commit', description: 'Results and state, 99 of 100', unit: 's' },
          line(percentile(0.99, 'mysimbdp_job_commit_seconds'), '{{app}}'),
        ),
        overTime(
          { title: 'Time of an append', description: 'Until records are safe in the log, 99 of 100', unit: 's' },
          line(percentile(0.99, 'mysimbdp_log_append_seconds'), '{{app}}'),
        ),
      ],
    },
    {
      title: 'Resources',
      panels: [
        overTime(
          { title: 'CPU', description: 'Processors in use: 1 is one of them all the time', unit: 'short' },
          line(`rate(process_cpu_seconds_total{job="mysimbdp"}[${RANGE}])`, '{{instance}}'),
        ),
        overTime(
          { title: 'Memory', description: 'Resident, of the whole process', unit: 'bytes' },
          line('process_resident_memory_bytes{job="mysimbdp"}', '{{instance}}'),
        ),
        overTime(
          { title: 'Logs', description: 'On the disk, or in the topics of the broker', unit: 'bytes' },
          line(ofApps('mysimbdp_log_bytes'), '{{app}}/{{stream}}'),
        ),
        overTime(
          { title: 'State', description: 'Results and open windows on the disk', unit: 'bytes' },
          line(ofApps('mysimbdp_job_state_bytes'), '{{app}}'),
        ),
      ],
    },
  ],
}
