import type { AvroType } from '#language/schemas/avro/avro-type.ts'
import { ByteCursor } from './byte-cursor.ts'

/** A schema that holds itself nests without end; nothing that is meant goes this deep. */
const DEPTH_MAX = 64

/** Moves the cursor behind a value that nobody needs. */
export function skipValue(type: AvroType, cursor: ByteCursor, depth = 0): void {
  if (depth > DEPTH_MAX) cursor.fail('damaged')
  if (cursor.fault !== null) return
  switch (type.kind) {
    case 'null':
      return
    case 'boolean':
      cursor.bytes(1)
      return
    case 'int':
    case 'long':
    case 'enum':
      cursor.long()
      return
    case 'float':
      cursor.bytes(4)
      return
    case 'double':
      cursor.bytes(8)
      return
    case 'bytes':
    case 'string':
      cursor.lengthAndBytes()
      return
    case 'fixed':
      cursor.bytes(type.size)
      return
    case 'union':
      skipValue(branchOf(type, cursor), cursor, depth + 1)
      return
    case 'record':
      for (const field of type.fields) skipValue(field.type, cursor, depth + 1)
      return
    default:
      skipItems(type, cursor, depth)
  }
}

const NOTHING: AvroType = { kind: 'null' }

/** The branch of a union that comes next; null's after a fault. */
export function branchOf({ branches }: Extract<AvroType, { kind: 'union' }>, cursor: ByteCursor): AvroType {
  const branch = branches[Number(cursor.long())]
  if (branch === undefined) cursor.fail('damaged')
  return branch ?? NOTHING
}

/** Blocks of items, until one of none. A negative count is followed by the bytes of its block. */
function skipItems(type: Extract<AvroType, { kind: 'array' | 'map' }>, cursor: ByteCursor, depth: number): void {
  for (let count = cursor.long(); count !== 0n && cursor.fault === null; count = cursor.long()) {
    if (count < 0n) {
      const size = cursor.long()
      if (size < 0n) cursor.fail('damaged')
      cursor.bytes(Number(size))
      continue
    }
    const first = cursor.position
    for (let item = 0n; item < count && cursor.fault === null; item++) {
      if (type.kind === 'map') cursor.lengthAndBytes()
      skipValue(type.items, cursor, depth + 1)
      // Items without bytes may be there in any number.
      if (cursor.position === first) break
    }
  }
}

/** For generated code: the position after a value that begins at `position`, or -1 when it is not well formed. */
export function endOfValue(type: AvroType, bytes: Uint8Array, position: number, end: number): number {
  const cursor = new ByteCursor(bytes, position, end)
  skipValue(type, cursor)
  return cursor.fault === null ? cursor.position : -1
}
