import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { ByteCursor } from './byte-cursor.ts'

export const AVRO_MAGIC = Uint8Array.of(0x4f, 0x62, 0x6a, 1)
export const SYNC_BYTES = 16

/** What stands before the blocks of an object container file. */
export interface ContainerHeader {
  /** JSON of the schema that the records were written with. */
  readonly schema: Uint8Array
  readonly codec: string
  /** Ends each block. */
  readonly sync: Uint8Array
}

/**
 * Reads a header; when the cursor is short of bytes, the result means nothing.
 * @throws MSB_INPUT_UNREADABLE when it is none
 */
export function readContainerHeader(cursor: ByteCursor): ContainerHeader {
  const magic = cursor.bytes(AVRO_MAGIC.length)
  if (cursor.fault === null && Buffer.compare(magic, AVRO_MAGIC) !== 0)
    throw new MysimbdpError(
      'MSB_INPUT_UNREADABLE',
      'this is no Avro object container: it does not begin with Obj and 1',
      {
        hint: 'Avro input is an object container file, which holds its schema; single records without it cannot be read.',
      },
    )
  const metadata = readMetadata(cursor)
  const sync = cursor.bytes(SYNC_BYTES).slice()
  const schema = metadata.get('avro.schema')
  if (cursor.fault === 'damaged' || (cursor.fault === null && schema === undefined))
    throw new MysimbdpError('MSB_INPUT_UNREADABLE', 'the header of the Avro object container is damaged')
  const codec = metadata.get('avro.codec')
  return {
    schema: (schema ?? sync).slice(),
    codec: codec === undefined ? 'null' : Buffer.from(codec).toString(),
    sync,
  }
}

/** A map of bytes. */
function readMetadata(cursor: ByteCursor): Map<string, Uint8Array> {
  const metadata = new Map<string, Uint8Array>()
  for (let count = cursor.long(); count !== 0n && cursor.fault === null; count = cursor.long()) {
    // A negative count is followed by the bytes of the block, which are not needed here.
    if (count < 0n) cursor.long()
    for (let item = count < 0n ? -count : count; item > 0n && cursor.fault === null; item--)
      metadata.set(Buffer.from(cursor.lengthAndBytes()).toString(), cursor.lengthAndBytes())
  }
  return metadata
}

const NO_SYNC = new Uint8Array(SYNC_BYTES)

/** The beginning of a container for records of a schema that are to be read again; `blockOf` gives what follows. */
export const containerStart = (schema: Uint8Array): Uint8Array =>
  Buffer.concat([AVRO_MAGIC, zigzag(1), withLength(Buffer.from('avro.schema')), withLength(schema), zigzag(0), NO_SYNC])

/** A block of one record. */
export const blockOf = (record: Uint8Array): Uint8Array => Buffer.concat([zigzag(1), withLength(record), NO_SYNC])

const withLength = (bytes: Uint8Array): Uint8Array => Buffer.concat([zigzag(bytes.length), bytes])

/** A whole number that is not negative, as Avro writes it. */
function zigzag(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value * 2
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return Uint8Array.from([...bytes, rest])
}
