/** What apps import: `import { app, stream, … } from 'mysimbdp'`. */
export { type App, app } from '#language/query/app.ts'
export {
  avg,
  caseWhen,
  cast,
  coalesce,
  count,
  countIf,
  Expr,
  first,
  last,
  lit,
  max,
  min,
  round,
  sum,
} from '#language/query/expressions.ts'
export {
  boolean,
  date,
  decimal,
  double,
  float,
  int,
  long,
  schema,
  string,
  timestamp,
  uuid,
} from '#language/query/fields.ts'
export { avroSchema, referenceSchema } from '#language/query/foreign-schemas.ts'
export { type SampleOptions, type StreamSample, stream } from '#language/query/stream.ts'
export { calendar, session, sliding, tumbling } from '#language/query/windows.ts'
export type { CsvFormat } from '#language/schemas/csv-format.ts'
export { resultId } from '#language/schemas/result-id.ts'
export { type PlatformSettings, platformSettings } from '#services/configuration/platform-settings.ts'
