import type { RawFormat } from '../../records/record-batch.ts'
import type { FormatDocument } from '../../records/rejected-document.ts'

export const base64Of = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')

export const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'))

export function formatDocumentOf(format: RawFormat): FormatDocument {
  switch (format.kind) {
    case 'json':
      return format
    case 'csv':
      return { kind: 'csv', header: base64Of(format.header) }
    case 'avro':
      return { kind: 'avro', schema: base64Of(format.schema) }
  }
}

export function formatOf(format: FormatDocument): RawFormat {
  switch (format.kind) {
    case 'json':
      return format
    case 'csv':
      return { kind: 'csv', header: bytesOf(format.header) }
    case 'avro':
      return { kind: 'avro', schema: bytesOf(format.schema) }
  }
}
