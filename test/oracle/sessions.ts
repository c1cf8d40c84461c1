import type { AcceptedRecord } from './read-stream.ts'
import type { Typed } from './typed-value.ts'
import { keyPart } from './value-text.ts'
import type { Span } from './window-starts.ts'

/** What a row is made of: the records that count in a window under one key. */
export interface Group {
  readonly span: Span
  readonly parts: readonly Typed[]
  readonly records: AcceptedRecord[]
}

export interface Sessions {
  readonly groups: readonly Group[]
  /** With the session that each would have been alone. */
  readonly late: readonly { readonly partition: number; readonly offset: number; readonly windows: readonly number[] }[]
}

/** Rule 3.5: every session, whether or not it has ended. */
export function sessionsOf(records: readonly AcceptedRecord[], gapMs: number, groupBy: readonly string[]): Sessions {
  let groups: Group[] = []
  const late: Sessions['late'][number][] = []
  for (const record of records) {
    const { partition, offset, eventTime, watermark } = record
    const own = { startMs: eventTime, endMs: eventTime + gapMs }
    if (own.endMs <= watermark) {
      late.push({ partition, offset, windows: [own.startMs] })
      continue
    }
    const parts = groupBy.map((name) => record.row[name])
    const isJoined = (group: Group): boolean =>
      group.span.endMs > watermark && meets(group.span, own) && sameParts(group.parts, parts)
    const joined = groups.filter(isJoined)
    const spans = [own, ...joined.map(({ span }) => span)]
    const span = {
      startMs: Math.min(...spans.map(({ startMs }) => startMs)),
      endMs: Math.max(...spans.map(({ endMs }) => endMs)),
    }
    const counted = [...joined.flatMap((group) => group.records), record]
    groups = [...groups.filter((group) => !joined.includes(group)), { span, parts, records: counted }]
  }
  return { groups, late }
}

/** Whether two spans overlap, or one begins at the instant where the other ends. */
const meets = (a: Span, b: Span): boolean => a.startMs <= b.endMs && b.startMs <= a.endMs

const sameParts = (a: readonly Typed[], b: readonly Typed[]): boolean =>
  a.map(keyPart).join('|') === b.map(keyPart).join('|')
