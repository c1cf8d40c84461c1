import { DocumentReader } from '#language/plan/document-reader.ts'
import type { Refusal } from '../../decoding/message-decoder.ts'
import { type RejectedRecord, type RejectionCode, rejectionCodes } from '../../records/record-batch.ts'
import { type FormatDocument, REFUSAL_HEADER, type RefusalDocument } from '../../records/rejected-document.ts'
import { formatDocumentOf, formatOf } from './format-document.ts'

/** Headers of a message as a fetch gives them. */
export type MessageHeaders = readonly (readonly [Buffer | null, Buffer | null])[]

/** Nothing for a record of JSON: whoever reads it finds out for himself. */
export function refusalHeader({ rejection, format, rawLength }: RejectedRecord): Map<Buffer, Buffer> | null {
  if (format.kind === 'json') return null
  const document: RefusalDocument = { rejection, format: formatDocumentOf(format), rawLength }
  return new Map([[Buffer.from(REFUSAL_HEADER), Buffer.from(JSON.stringify(document))]])
}

/** What the header says; nothing when there is none, or one that the platform did not write. */
export function refusalOf(headers: MessageHeaders): Refusal | undefined {
  const value = headers.find(([name]) => name?.toString() === REFUSAL_HEADER)?.[1]
  if (value == null) return undefined
  try {
    return readRefusal(DocumentReader.ofJson(value.toString(), REFUSAL_HEADER))
  } catch {
    return undefined
  }
}

function readRefusal(document: DocumentReader): Refusal {
  const rejection = document.get('rejection')
  const textOrNull = (name: string): string | null => rejection.get(name).orNull((value) => value.text())
  return {
    rejection: {
      code: rejection.get('code').oneOf(Object.keys(rejectionCodes) as RejectionCode[]),
      field: textOrNull('field'),
      expected: textOrNull('expected'),
      found: textOrNull('found'),
    },
    format: formatOf(readFormat(document.get('format'))),
    rawLength: document.get('rawLength').whole(),
  }
}

function readFormat(format: DocumentReader): FormatDocument {
  return format.get('kind').oneOf(['csv', 'avro']) === 'csv'
    ? { kind: 'csv', header: format.get('header').text() }
    : { kind: 'avro', schema: format.get('schema').text() }
}
