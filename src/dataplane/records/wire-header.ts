/**
 * Records on a topic whose schema is in a registry: a zero byte, the id of the schema in four bytes, most significant first, and the record in
 * Avro. No text of JSON begins with a zero byte.
 */
export const WIRE_MAGIC = 0
export const WIRE_HEADER_BYTES = 5

/** The id in front of a record; null when it has no such header. */
export function schemaIdOf(record: Uint8Array): number | null {
  if (record.length < WIRE_HEADER_BYTES || record[0] !== WIRE_MAGIC) return null
  return new DataView(record.buffer, record.byteOffset).getUint32(1)
}
