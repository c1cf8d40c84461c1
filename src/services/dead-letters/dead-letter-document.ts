import { isUtf8 } from 'node:buffer'
import type { DeadLetter, Replay } from '#dataplane/brokers/broker.ts'
import type { RawFormat, Rejection } from '#dataplane/records/record-batch.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { RawRecord } from './field-renames.ts'

/** A dead letter as JSON. */
export interface DeadLetterSummary extends Rejection {
  readonly offset: number
  readonly partition: number
  /** ISO 8601. */
  readonly arrival: string
  readonly bytes: number
  readonly format: RawFormat['kind']
  readonly replay: { readonly kind: Replay['kind']; readonly offset: number; readonly at: string } | null
}

/**
 * A dead letter with its bytes, as a person can edit it: `record` is text, or `base64` stands there where the bytes are no UTF-8. A CSV row
 * has the `header` it was read under, an Avro record (always `base64`) the `schema` it was written with. Of a `truncated` record only the first bytes were kept.
 */
export interface DeadLetterDocument extends DeadLetterSummary {
  readonly truncated?: true
  readonly header?: string
  readonly schema?: string
  readonly record?: string
  readonly base64?: string
}

export function deadLetterSummary(letter: DeadLetter): DeadLetterSummary {
  const { offset, partition, arrivalMs, rejection, rawLength, format, replay } = letter
  return {
    offset,
    partition,
    arrival: new Date(arrivalMs).toISOString(),
    ...rejection,
    bytes: rawLength,
    format: format.kind,
    replay:
      replay === null ? null : { kind: replay.kind, offset: replay.offset, at: new Date(replay.atMs).toISOString() },
  }
}

export const deadLetterDocument = (letter: DeadLetter): DeadLetterDocument => ({
  ...deadLetterSummary(letter),
  ...(letter.raw.length < letter.rawLength && { truncated: true }),
  ...contextOf(letter.format),
  ...bytesOf(letter),
})

const utf8 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')

function contextOf(format: RawFormat): Pick<DeadLetterDocument, 'header' | 'schema'> {
  if (format.kind === 'csv') return { header: utf8(format.header) }
  return format.kind === 'avro' ? { schema: utf8(format.schema) } : {}
}

const bytesOf = ({ raw, format }: DeadLetter): Pick<DeadLetterDocument, 'record' | 'base64'> =>
  format.kind !== 'avro' && isUtf8(raw) ? { record: utf8(raw) } : { base64: Buffer.from(raw).toString('base64') }

/** A record that a person edited: which dead letter it was, and what it is now. */
export interface EditedRecord extends RawRecord {
  readonly offset: number
}

/** Reads a document that `deadLetterDocument` wrote and a person changed. @throws MSB_REPLAY_INVALID */
export function readEditedRecord(document: unknown): EditedRecord {
  const { offset, record, base64, header, schema } = (document ?? {}) as Readonly<Record<string, unknown>>
  if (typeof offset !== 'number' || !Number.isSafeInteger(offset) || offset < 0)
    throw new MysimbdpError('MSB_REPLAY_INVALID', 'an edited record needs the offset of its dead letter')
  const raw =
    typeof record === 'string'
      ? Buffer.from(record)
      : typeof base64 === 'string'
        ? Buffer.from(base64, 'base64')
        : undefined
  if (raw === undefined)
    throw new MysimbdpError(
      'MSB_REPLAY_INVALID',
      `the edited record of offset ${offset} has neither 'record' (text) nor 'base64' (bytes)`,
    )
  return { offset, raw: new Uint8Array(raw), format: formatOf(header, schema) }
}

function formatOf(header: unknown, schema: unknown): RawFormat {
  if (typeof header === 'string') return { kind: 'csv', header: new Uint8Array(Buffer.from(header)) }
  return typeof schema === 'string' ? { kind: 'avro', schema: new Uint8Array(Buffer.from(schema)) } : { kind: 'json' }
}
