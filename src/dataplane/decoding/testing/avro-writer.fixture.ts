import { deflateRawSync, zstdCompressSync } from 'node:zlib'

/** Writes Avro as the specification says it, for tests: plainly, with no code in common with the decoders. */

/** A schema as it stands in JSON. */
export type SchemaJson =
  | string
  | readonly SchemaJson[]
  | { readonly type: SchemaJson; readonly [attribute: string]: unknown }

/** A value of a union: which branch, and its value. Records are lists of values, maps lists of pairs. */
export interface InBranch {
  readonly branch: number
  readonly value: unknown
}

export const inBranch = (branch: number, value: unknown): InBranch => ({ branch, value })

/** Zigzag, seven bits a byte, the lowest first. */
export function writeLong(value: bigint | number): Buffer {
  let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n))
  const bytes: number[] = []
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return Buffer.from([...bytes, Number(rest)])
}

const withLength = (bytes: Uint8Array): Buffer => Buffer.concat([writeLong(bytes.length), bytes])

function float(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  return bytes
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return bytes
}

/** Strings may be given as bytes, so that they need not be UTF-8. */
export function writeAvro(schema: SchemaJson, value: unknown): Buffer {
  if (Array.isArray(schema)) {
    const { branch, value: inner } = value as InBranch
    return Buffer.concat([writeLong(branch), writeAvro(schema[branch] as SchemaJson, inner)])
  }
  const described = (typeof schema === 'string' ? { type: schema } : schema) as Exclude<
    SchemaJson,
    string | readonly SchemaJson[]
  >
  switch (described.type) {
    case 'null':
      return Buffer.alloc(0)
    case 'boolean':
      return Buffer.from([value === true ? 1 : 0])
    case 'int':
    case 'long':
    case 'enum':
      return writeLong(value as bigint | number)
    case 'float':
      return float(value as number)
    case 'double':
      return double(value as number)
    case 'bytes':
      return withLength(value as Uint8Array)
    case 'string':
      return withLength(typeof value === 'string' ? Buffer.from(value) : (value as Uint8Array))
    case 'fixed':
      return Buffer.from(value as Uint8Array)
    case 'array':
      return items(value as readonly unknown[], (item) => writeAvro(described.items as SchemaJson, item))
    case 'map':
      return items(value as readonly (readonly [string, unknown])[], ([key, item]) =>
        Buffer.concat([withLength(Buffer.from(key)), writeAvro(described.values as SchemaJson, item)]),
      )
    case 'record': {
      const fields = described.fields as readonly { readonly type: SchemaJson }[]
      return Buffer.concat(fields.map(({ type }, index) => writeAvro(type, (value as readonly unknown[])[index])))
    }
    default:
      return writeAvro(described.type, value)
  }
}

/** Odd numbers of items in one block, even ones in a block that says its size and one of the rest. */
function items<T>(all: readonly T[], write: (item: T) => Buffer): Buffer {
  if (all.length === 0) return writeLong(0)
  if (all.length % 2 === 1) return Buffer.concat([writeLong(all.length), ...all.map(write), writeLong(0)])
  const first = write(all[0]!)
  const rest = all.slice(1)
  return Buffer.concat([
    ...[writeLong(-1), writeLong(first.length), first],
    ...[writeLong(rest.length), ...rest.map(write), writeLong(0)],
  ])
}

/** Two's complement in `size` bytes, or in as few as may be. */
export function unscaledBytes(value: bigint, size?: number): Buffer {
  let length = size ?? 1
  while (size === undefined && BigInt.asIntN(8 * length, value) !== value) length++
  const hex = BigInt.asUintN(8 * length, value)
    .toString(16)
    .padStart(2 * length, '0')
  return Buffer.from(hex, 'hex')
}

const COMPRESS: Readonly<Record<string, (block: Uint8Array) => Uint8Array>> = {
  null: (block) => block,
  deflate: (block) => deflateRawSync(block),
  zstandard: (block) => zstdCompressSync(block),
}
export const SYNC = Buffer.from('0123456789abcdef')

/** An object container of records that are written already, so many in a block. */
export function writeContainer(
  schema: SchemaJson,
  records: readonly Uint8Array[],
  { codec = 'null', recordsInBlock = 100 }: { readonly codec?: string; readonly recordsInBlock?: number } = {},
): Buffer {
  const metadata = [
    ['avro.schema', JSON.stringify(schema)],
    ['avro.codec', codec],
  ].flatMap((pair) => pair.map((text) => withLength(Buffer.from(text!))))
  const parts: Uint8Array[] = [Buffer.from('Obj\x01'), writeLong(2), ...metadata, writeLong(0), SYNC]
  for (let first = 0; first < records.length; first += recordsInBlock) {
    const block = records.slice(first, first + recordsInBlock)
    const compressed = (COMPRESS[codec] ?? COMPRESS.null!)(Buffer.concat(block))
    parts.push(writeLong(block.length), withLength(compressed), SYNC)
  }
  return Buffer.concat(parts)
}
