import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Percentiles } from '../measuring/statistics.ts'
import { type LatencyReport, measureLatency } from './measure-latency.ts'

/** `node bench/latency/run.ts [--rates 1000,10000,100000] [--seconds 20] [--json <file>]`: latency at a steady load over HTTP; wants an idle machine. */
const { values } = parseArgs({
  options: {
    rates: { type: 'string', default: '1000,10000,100000' },
    seconds: { type: 'string', default: '20' },
    json: { type: 'string' },
  },
})

const text = ({ p50, p99, p999 }: Percentiles): string =>
  [p50, p99, p999].map((ms) => ms.toFixed(1).padStart(7)).join(' ')

function print(report: LatencyReport): void {
  const rate = `${report.recordsPerSecond.toLocaleString('en-US')}/s`
  console.log(`${rate}: p50, p99, p99.9 in ms`)
  console.log(`  due -> committed       ${text(report.arrivalToCommitted)}`)
  console.log(`  due -> answered        ${text(report.arrivalToAnswered)}`)
  console.log(`  answered -> committed  ${text(report.appendToCommitted)}`)
  const cpu = `${(report.cpuShare * 100).toFixed(1)} % of all cores, ${report.cpuMicrosecondsPerRecord.toFixed(1)} us a record`
  console.log(`  platform: CPU ${cpu}; RSS at most ${report.peakRssMegabytes.toFixed(0)} MB`)
}

const reports: LatencyReport[] = []
for (const rate of values.rates.split(',').map(Number)) {
  const report = await measureLatency({ recordsPerSecond: rate, seconds: Number(values.seconds) })
  print(report)
  reports.push(report)
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(reports, null, 2)}\n`)
