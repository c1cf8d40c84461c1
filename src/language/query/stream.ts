import { byteSize } from '#foundation/size/byte-size.ts'
import { durationMs } from '#foundation/time/duration.ts'
import { refuse } from '../expressions/type-of.ts'
import type { BadRecordPolicy, NamedExpression, OutputMode, RelationNode } from '../plan/plan.ts'
import type { CsvFormat } from '../schemas/csv-format.ts'
import type { TypeKind } from '../schemas/field-types.ts'
import type { WindowKind } from '../windows/window.ts'
import { Expr, type RowOf } from './expressions.ts'
import type { Row, TypedSchema } from './fields.ts'
import type { CheckColumn, CheckDeduplicationKey, CheckGroupKey, CheckKeep, CheckMode } from './type-check.ts'
import type { WindowSpec } from './windows.ts'

/** Options of a generated sample of a stream's records. */
export interface SampleOptions {
  readonly records: number
  readonly seed: number
  /** Local date, `YYYY-MM-DD`. */
  readonly date: string
  readonly timeZone: string
  /** Share of extra records that are faulty on purpose, 0 to 1. */
  readonly faults: number
}

/** What a stream brings besides its meaning: how its files are read, how its log is kept, and a generated sample to try it with. */
export interface StreamExtras {
  readonly csvFormats: readonly CsvFormat[]
  readonly retention: Retention
  readonly idle: IdlePolicy
  /** Field that decides which partition a record goes to; null: records are spread. */
  readonly keyBy: string | null
  readonly sample: StreamSample | null
}

/** How long a live stream's log keeps records; null: no limit of that kind. */
export interface Retention {
  readonly timeMs: number | null
  readonly bytes: number | null
}

/** What happens to a live stream when nothing arrives (semantics 2.7); both are off unless the stream asks. */
export interface IdlePolicy {
  /** After so long without a record a partition holds back the windows of the others no more; null: it always does. */
  readonly idleTimeoutMs: number | null
  /** Whether windows go on closing by the clock when all partitions are idle. */
  readonly closeWhenIdle: boolean
}

export interface StreamSample {
  readonly defaults: SampleOptions
  /** NDJSON lines, without line ends; the same options give the same lines. */
  generate(options: SampleOptions): Iterable<string>
}

interface StreamOptions<R extends Row, W extends string | undefined> {
  readonly schema: TypedSchema<R>
  /** The timestamp field that windows go by. */
  readonly eventTime: keyof R & string
  /** How far a record may lag behind the newest one before windows close without it: `'10 seconds'`. */
  readonly watermark?: W
  /** How far ahead of its arrival a record may be; the watermark's delay when absent, `'none'` for no limit. */
  readonly maxFutureSkew?: string
  /** What happens to records that do not fit the schema; `'dead-letter'` keeps them with the reason. */
  readonly badRecords?: BadRecordPolicy
  readonly csvFormats?: readonly CsvFormat[]
  /** How long the live platform keeps the log: `{ time: '7 days', size: '10 GB' }`; for ever when absent. */
  readonly retention?: { readonly time?: string; readonly size?: string }
  /** After so long without a record a partition is idle and holds back windows no more: `'30 seconds'`. */
  readonly idleTimeout?: string
  /** Windows close by the clock while all partitions are idle. Needs `idleTimeout`. */
  readonly closeWhenIdle?: boolean
  /** Records that agree in this field go to one partition, in their order; where a log has several. Without it records are spread over all. */
  readonly keyBy?: keyof R & string
  readonly sample?: StreamSample
}

/** A relation under construction; the app completes it with its time zone. */
interface Draft {
  readonly node: RelationNode
  readonly columns: readonly string[]
  readonly extras: StreamExtras
}

/** A query under construction: everything but the app's time zone. `ZONE_OF_APP` stands where the zone will. */
export interface QueryDraft {
  readonly draft: Draft
  readonly mode: OutputMode
  readonly keepMs: number | null
  readonly table: string | null
}

/** Marks a place that takes the app's time zone; never a zone name. */
export const ZONE_OF_APP = '$app'

const KEEP_DEFAULT_MS = durationMs('400 days')

interface OutputOptions<M extends OutputMode> {
  /** Table that serves the results; the query's name in lower case when absent. */
  readonly table?: string
  /** complete only: how long after its end a window's row stays; `'forever'` for always. */
  readonly keep?: CheckKeep<M>
}

/**
 * Records on their way to a result. Immutable: each step gives a new relation. `R` names its columns, `W` says whether the stream has a watermark.
 */
export class Relation<R extends Row, W extends boolean> {
  protected readonly draft: Draft

  constructor(draft: Draft) {
    this.draft = draft
  }

  #next<S extends Row>(node: RelationNode, columns = this.draft.columns): Relation<S, W> {
    return new Relation<S, W>({ ...this.draft, node, columns })
  }

  /** Keeps the records for which the condition is true. */
  filter(condition: (row: RowOf<R>) => Expr<'boolean'>): Relation<R, W> {
    return this.#next({
      kind: 'Filter',
      input: this.draft.node,
      predicate: condition(rowOf<R>(this.draft.columns)).expression,
    })
  }

  /** Exactly these columns. */
  select<C extends Record<string, Expr>>(
    columns: (row: RowOf<R>) => C,
  ): Relation<{ readonly [N in keyof C & string]: C[N] extends Expr<infer K> ? K : never }, W> {
    const selected = named(columns(rowOf<R>(this.draft.columns)))
    return this.#next(
      { kind: 'Project', input: this.draft.node, columns: selected },
      selected.map(({ name }) => name),
    )
  }

  /** All columns, and these; one of the same name is replaced. */
  withColumns<C extends Record<string, Expr>>(
    columns: (row: RowOf<R>) => C,
  ): Relation<Omit<R, keyof C> & { readonly [N in keyof C & string]: C[N] extends Expr<infer K> ? K : never }, W> {
    const added = named(columns(rowOf<R>(this.draft.columns)))
    const kept = this.draft.columns.filter((name) => !added.some((column) => column.name === name))
    const all: NamedExpression[] = [
      ...kept.map((name) => ({ name, expression: { kind: 'Field' as const, name } })),
      ...added,
    ]
    return this.#next(
      { kind: 'Project', input: this.draft.node, columns: all },
      all.map(({ name }) => name),
    )
  }

  /** Of records that agree in these fields within the watermark the first one counts. */
  deduplicate<const N extends readonly string[]>(
    ...keys: { readonly [I in keyof N]: CheckDeduplicationKey<R, W, N[I]> }
  ): Relation<R, W> {
    return this.#next({ kind: 'Deduplicate', input: this.draft.node, keys: keys as unknown as readonly string[] })
  }

  window<K extends WindowKind>(window: WindowSpec & { readonly kind: K }): WindowedRelation<R, W, K> {
    return new WindowedRelation<R, W, K>(this.draft, window, [])
  }

  /** One row for each record that is left. */
  output(mode: 'append', options: OutputOptions<'append'> = {}): QueryDraft {
    return { draft: this.draft, mode, keepMs: null, table: options.table ?? null }
  }
}

/** The columns as expressions; asking for one that is not there is refused in the words of the type checker. */
function rowOf<R extends Row>(columns: readonly string[]): RowOf<R> {
  return new Proxy({} as RowOf<R>, {
    get: (_target, name) =>
      columns.includes(String(name))
        ? new Expr({ kind: 'Field', name: String(name) })
        : refuse(`there is no field '${String(name)}'`),
  })
}

const named = (columns: Readonly<Record<string, Expr<TypeKind, unknown>>>): readonly NamedExpression[] =>
  Object.entries(columns).map(([name, { expression }]) => ({ name, expression }))

/** Records cut into windows, and perhaps groups, waiting for their aggregates. */
export class WindowedRelation<R extends Row, W extends boolean, K extends WindowKind> {
  readonly #draft: Draft
  readonly #window: WindowSpec
  readonly #groupBy: readonly string[]

  constructor(draft: Draft, window: WindowSpec, groupBy: readonly string[]) {
    this.#draft = draft
    this.#window = window
    this.#groupBy = groupBy
  }

  groupBy<const N extends readonly string[]>(
    ...fields: { readonly [I in keyof N]: CheckGroupKey<R, N[I]> }
  ): WindowedRelation<R, W, K> {
    return new WindowedRelation<R, W, K>(this.#draft, this.#window, fields as unknown as readonly string[])
  }

  /** The fields of each result row: `aggregate({ total: sum('fare') })`, or from the row: `aggregate(trip => ({ … }))`. */
  aggregate<C extends Record<string, Expr<TypeKind, unknown>>>(
    columns:
      | { readonly [N in keyof C]: CheckColumn<R, C[N]> }
      | ((row: RowOf<R>) => { readonly [N in keyof C]: CheckColumn<R, C[N]> }),
  ): AggregatedRelation<W, K> {
    const made = typeof columns === 'function' ? columns(rowOf<R>(this.#draft.columns)) : columns
    const window =
      this.#window.kind === 'calendar'
        ? { ...this.#window, timeZone: this.#window.timeZone ?? ZONE_OF_APP }
        : this.#window
    const node: RelationNode = {
      kind: 'WindowAggregate',
      input: this.#draft.node,
      window,
      groupBy: this.#groupBy,
      columns: named(made as Readonly<Record<string, Expr<TypeKind, unknown>>>),
    }
    return new AggregatedRelation<W, K>({ ...this.#draft, node })
  }
}

export class AggregatedRelation<W extends boolean, K extends WindowKind> {
  readonly #draft: Draft

  constructor(draft: Draft) {
    this.#draft = draft
  }

  /** How rows come out: `'append'` once when final, `'update'` whenever they change, `'complete'` as a table that is kept. */
  output<const M extends OutputMode>(mode: CheckMode<W, K, M>, options: OutputOptions<M> = {}): QueryDraft {
    const keep = options.keep as string | undefined
    const keepMs =
      (mode as OutputMode) !== 'complete' || keep === 'forever'
        ? null
        : keep === undefined
          ? KEEP_DEFAULT_MS
          : durationMs(keep)
    return { draft: this.#draft, mode: mode as OutputMode, keepMs, table: options.table ?? null }
  }
}

/** @throws MSB_QUERY_INVALID when the stream has no field of the name that its records are to be keyed by */
export function requireField(stream: string, keyBy: string, fields: readonly { readonly name: string }[]): void {
  if (!fields.some(({ name }) => name === keyBy))
    refuse(
      `stream '${stream}' is keyed by '${keyBy}', which is none of its fields: ${fields.map(({ name }) => name).join(', ')}`,
    )
}

/** A stream of records as a tenant's sources send them. */
export function stream<R extends Row, const W extends string | undefined = undefined>(
  name: string,
  options: StreamOptions<R, W>,
): Relation<R, W extends string ? true : false> {
  const {
    schema,
    eventTime,
    watermark,
    maxFutureSkew,
    badRecords = 'dead-letter',
    csvFormats = [],
    retention = {},
    idleTimeout,
    closeWhenIdle = false,
    keyBy = null,
    sample = null,
  } = options
  if (closeWhenIdle && (idleTimeout === undefined || watermark === undefined))
    refuse(`stream '${name}' closes when idle: it needs a watermark, and an idleTimeout that says when it is idle`)
  if (keyBy !== null) requireField(name, keyBy, schema.fields)
  const delayMs = watermark === undefined ? null : durationMs(watermark)
  return new Relation({
    node: {
      kind: 'Source',
      stream: name,
      schema: { name: schema.name, fields: schema.fields },
      eventTime,
      watermarkDelayMs: delayMs,
      maxFutureSkewMs:
        maxFutureSkew === undefined ? delayMs : maxFutureSkew === 'none' ? null : durationMs(maxFutureSkew),
      timeZone: ZONE_OF_APP,
      badRecords,
    },
    columns: schema.fields.map((field) => field.name),
    extras: {
      csvFormats,
      retention: {
        timeMs: retention.time === undefined ? null : durationMs(retention.time),
        bytes: retention.size === undefined ? null : byteSize(retention.size),
      },
      idle: { idleTimeoutMs: idleTimeout === undefined ? null : durationMs(idleTimeout), closeWhenIdle },
      keyBy,
      sample,
    },
  })
}
