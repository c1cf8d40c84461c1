import type { OutputMode } from '../plan/plan.ts'
import type { NumericKind } from '../schemas/field-types.ts'
import type { WindowKind } from '../windows/window.ts'
import type { Expr, FieldUse } from './expressions.ts'
import type { Row } from './fields.ts'

/**
 * Rules of the language as types, so that a wrong query does not compile. The sentence in `QueryError` is the one that `checkApp`
 * refuses the same plan with when it arrives as JSON; `test/types` holds the two together.
 */
export interface QueryError<Sentence extends string> {
  readonly error: Sentence
}

type CheckUse<R extends Row, U> =
  U extends FieldUse<infer A, infer N>
    ? N extends keyof R
      ? A extends 'sum' | 'avg'
        ? R[N] extends NumericKind
          ? never
          : QueryError<`${A} needs a number, and '${N}' is of type ${R[N]}`>
        : A extends 'min' | 'max'
          ? R[N] extends 'boolean'
            ? QueryError<`${A} needs values with an order, and '${N}' is of type boolean`>
            : never
          : never
      : QueryError<`there is no field '${N}'`>
    : never

/** The column itself when its aggregates fit the row, else the error. */
export type CheckColumn<R extends Row, C> =
  C extends Expr<infer _K, infer U> ? ([CheckUse<R, U>] extends [never] ? C : CheckUse<R, U>) : never

export type CheckGroupKey<R extends Row, N extends string> = N extends keyof R
  ? R[N] extends 'float' | 'double'
    ? QueryError<`a group key must be exact, and '${N}' is of type ${R[N]}`>
    : N
  : QueryError<`there is no field '${N}'`>

/** `Watermarked`: without a watermark keys would have to be kept for ever. */
export type CheckDeduplicationKey<
  R extends Row,
  Watermarked extends boolean,
  N extends string,
> = Watermarked extends true
  ? N extends keyof R
    ? R[N] extends 'float' | 'double'
      ? QueryError<`a key of deduplicate must be exact, and '${N}' is of type ${R[N]}`>
      : N
    : QueryError<`there is no field '${N}'`>
  : QueryError<'deduplicate needs a watermark'>

export type CheckMode<Watermarked extends boolean, K extends WindowKind, M extends OutputMode> = M extends 'append'
  ? Watermarked extends true
    ? M
    : QueryError<'append needs a watermark'>
  : K extends 'session'
    ? QueryError<`a session window needs append: ${M} would have to take rows back when sessions merge`>
    : M

export type CheckKeep<M extends OutputMode> = M extends 'complete'
  ? string
  : QueryError<`keep belongs to complete, and this is ${M}`>
