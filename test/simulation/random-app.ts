import {
  type App,
  app,
  avg,
  boolean,
  calendar,
  count,
  countIf,
  decimal,
  double,
  type Expr,
  first,
  int,
  last,
  long,
  max,
  min,
  round,
  schema,
  session,
  sliding,
  stream,
  string,
  sum,
  timestamp,
  tumbling,
} from 'mysimbdp'
import type { Seeded } from '../support/seeded.ts'

const reading = schema('reading', {
  at: timestamp(),
  id: string().nullable(),
  n: int().nullable(),
  l: long().nullable(),
  m: decimal(10, 2).nullable(),
  w: decimal(18, 2).nullable(),
  d: double().nullable(),
  b: boolean().nullable(),
})

const ZONES = ['UTC', 'America/Chicago', 'Asia/Kolkata', 'America/Sao_Paulo']

/** What an app may have that goes by the order in which partitions are read. */
export interface OrderedParts {
  readonly sessions: boolean
  readonly deduplication: boolean
}

/** An app of one to four queries with everything the embedded engine can do. */
export function randomApp(random: Seeded, ordered: OrderedParts): App {
  const timeZone = random.pick(ZONES)
  const watermark = random.pick(['0 seconds', '5 seconds', '10 seconds', '2 minutes'])
  const maxFutureSkew = random.pick(['none', '1 second', '30 seconds'])
  const source = stream('readings', { schema: reading, eventTime: 'at', watermark, maxFutureSkew })
  const queries = Array.from(
    { length: random.between(1, 4) },
    (_, i) => [`q${i}`, randomQuery(random, source, ordered)] as const,
  )
  return app('simulated', { timeZone }, Object.fromEntries(queries))
}

type Readings = ReturnType<typeof readings>
const readings = () => stream('readings', { schema: reading, eventTime: 'at', watermark: '5 seconds' })

function randomQuery(random: Seeded, source: Readings, { sessions, deduplication }: OrderedParts) {
  const first = deduplication && random.chance(0.2) ? randomDeduplication(random, source) : source
  const filtered = random.chance(0.3)
    ? first.filter((row) =>
        random.pick([row.n.greater(0), row.b.or(row.id.isNull()), row.m.lessOrEqual(50).not(), row.id.notEqual('a')]),
      )
    : first
  if (random.chance(0.08))
    return filtered.select((row) => ({ id: row.id, twice: row.m.multiply(2), hour: row.at.hour() })).output('append')
  const ofSessions = sessions && random.chance(0.2)
  const windowed = filtered.window(ofSessions ? randomSession(random) : randomWindow(random))
  const grouped = random.pick([
    () => windowed,
    () => windowed.groupBy('id'),
    () => windowed.groupBy('n'),
    () => windowed.groupBy('b', 'id'),
    () => windowed.groupBy('m'),
  ])()
  const aggregated = grouped.aggregate(
    (row) => Object.fromEntries(random.some(candidates(row))) as Record<string, Expr<'long'>>,
  )
  const mode = ofSessions ? 'append' : random.pick(['append', 'update', 'complete'] as const)
  return mode === 'complete'
    ? aggregated.output('complete', { keep: random.pick(['forever', '1 minute', '400 days']) })
    : aggregated.output(mode)
}

const randomDeduplication = (random: Seeded, source: Readings): Readings =>
  random.pick([
    () => source.deduplicate('id'),
    () => source.deduplicate('n', 'b'),
    () => source.deduplicate('m', 'id'),
    () => source.deduplicate('at', 'id', 'l'),
  ])()

const randomSession = (random: Seeded) =>
  session(random.pick(['1 second', '5 seconds', '90 seconds', '40 minutes', '3 days']))

function randomWindow(random: Seeded) {
  return random.pick([
    () => tumbling('5 seconds'),
    () => tumbling('1 minute', { offset: '7 seconds' }),
    () => sliding('1 minute', '30 seconds'),
    () => sliding('10 seconds', '4 seconds', { offset: '1 second' }),
    () => sliding('7 seconds', '7 seconds'),
    () => calendar('day'),
    () => calendar('week', { timeZone: random.pick(ZONES) }),
    () => calendar('month'),
  ])()
}

type RowOfReadings = Parameters<Parameters<Readings['filter']>[0]>[0]

const candidates = (row: RowOfReadings): readonly (readonly [string, Expr])[] =>
  [
    ['records', count()],
    ['positive', countIf(row.n.greater(0))],
    ['sum_n', sum('n')],
    ['sum_l', sum('l')],
    ['sum_m', round(sum('m'), 1)],
    ['sum_w', sum('w')],
    ['sum_d', sum('d')],
    ['avg_m', round(avg('m'), 2)],
    ['avg_w', avg('w')],
    ['avg_n', avg('n')],
    ['min_id', min('id')],
    ['max_m', max('m')],
    ['max_l', max('l')],
    ['min_at', min('at')],
    ['first_id', first('id')],
    ['last_w', last('w')],
    ['last_b', last('b')],
    ['sum_expression', sum(row.m.multiply(row.n.coalesce(1).cast(decimal(3, 0))))],
    ['ratio', sum('m').divide(count())],
  ] as unknown as readonly (readonly [string, Expr])[]
