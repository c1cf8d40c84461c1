import type { DeadLetter, StreamReader } from '#dataplane/brokers/broker.ts'
import type { RejectionCode } from '#dataplane/records/record-batch.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'

/** Which dead letters are meant; those that fit every part that is there. */
export interface DeadLetterSelection {
  /** Of this partition; each has offsets of its own. */
  readonly partition: number
  readonly code?: RejectionCode
  /** The field at fault. */
  readonly field?: string
  readonly offsets?: readonly number[]
}

/** Dead letters taken at once: few enough that a thread that takes them is soon free again. */
const PIECE = 256

/** The dead letters of the partition from one offset to before another that fit, in pieces and in order; a piece may be empty. */
export async function* selectedDeadLetters(
  reader: StreamReader,
  selection: DeadLetterSelection,
  { from, to }: { readonly from: number; readonly to: number },
): AsyncGenerator<readonly DeadLetter[]> {
  const offsets = selection.offsets === undefined ? null : new Set(selection.offsets)
  for (let next = from; next < to; ) {
    const letters = await reader.deadLetters(selection.partition, { fromOffset: next, limit: PIECE })
    if (letters.length === 0) return
    next = letters.at(-1)!.offset + 1
    yield letters.filter(
      ({ offset, rejection }) =>
        offset < to &&
        (offsets === null || offsets.has(offset)) &&
        (selection.code === undefined || rejection.code === selection.code) &&
        (selection.field === undefined || rejection.field === selection.field),
    )
  }
}

/** @throws MSB_NOT_FOUND */
export async function deadLetterAt(reader: StreamReader, partition: number, offset: number): Promise<DeadLetter> {
  const [letter] = await reader.deadLetters(partition, { fromOffset: offset, limit: 1 })
  if (letter?.offset !== offset)
    throw new MysimbdpError(
      'MSB_NOT_FOUND',
      `there is no rejected record at offset ${offset} of '${reader.spec.topic}'${partition === 0 ? '' : `, partition ${partition}`}`,
      { hint: '`mysimbdp dead-letters list` names the offsets.' },
    )
  return letter
}
