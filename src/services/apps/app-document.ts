import { DocumentReader } from '#language/plan/document-reader.ts'
import { streamsOf } from '#language/plan/plan.ts'
import { readPlan } from '#language/plan/plan-json.ts'
import type { App } from '#language/query/app.ts'
import { requireField, type StreamExtras } from '#language/query/stream.ts'
import type { CsvFormat } from '#language/schemas/csv-format.ts'

/**
 * An app as JSON, all of it data: what is sent to a platform, and what a platform keeps. A sample's generator is code of the tenant's and
 * stays where it is.
 */
export function appToJson({ plan, streams }: App, indent?: number): string {
  const extras = Object.entries(streams).map(([name, { csvFormats, retention, idle, keyBy }]) => [
    name,
    { csvFormats, retention, idle, ...(keyBy !== null && { keyBy }) },
  ])
  return JSON.stringify({ plan, streams: Object.fromEntries(extras) }, null, indent)
}

/** @throws MSB_PLAN_MALFORMED, MSB_QUERY_INVALID: what comes from elsewhere is checked as if a builder had made it */
export function appFromJson(text: string): App {
  const document = DocumentReader.ofJson(text, 'app')
  const plan = readPlan(document.get('plan'))
  const streams = [...streamsOf(plan)].map(([name, { schema }]) => {
    const extras = readExtras(document.get('streams').get(name))
    if (extras.keyBy !== null) requireField(name, extras.keyBy, schema.fields)
    return [name, extras] as const
  })
  return { plan, streams: Object.fromEntries(streams) }
}

const readExtras = (extras: DocumentReader): StreamExtras => ({
  csvFormats: extras.get('csvFormats').items(readCsvFormat),
  retention: {
    timeMs: extras
      .get('retention')
      .get('timeMs')
      .orNull((ms) => ms.whole()),
    bytes: extras
      .get('retention')
      .get('bytes')
      .orNull((bytes) => bytes.whole()),
  },
  idle: {
    idleTimeoutMs: extras
      .get('idle')
      .get('idleTimeoutMs')
      .orNull((ms) => ms.whole()),
    closeWhenIdle: extras.get('idle').get('closeWhenIdle').truth(),
  },
  keyBy: extras.get('keyBy').optional((name) => name.text()) ?? null,
  sample: null,
})

function readCsvFormat(format: DocumentReader): CsvFormat {
  const text = (value: DocumentReader): string => value.text()
  const ignored = format.get('ignored').optional((names) => names.items(text))
  const currency = format.get('currency').optional(text)
  const thousands = format.get('thousands').optional(text)
  const pattern = format.get('timestampPattern').optional((value) => value.oneOf(['MM/DD/YYYY hh:mm:ss A'] as const))
  return {
    name: format.get('name').text(),
    columns: format.get('columns').entries(text),
    ...(ignored !== undefined && { ignored }),
    ...(currency !== undefined && { currency }),
    ...(thousands !== undefined && { thousands }),
    ...(pattern !== undefined && { timestampPattern: pattern }),
  }
}
