import type { AvroType } from '#language/schemas/avro/avro-type.ts'
import { LENGTH, UNSURE } from './value-source.ts'

/** A union of more branches has indexes of several bytes. */
const BRANCHES_MAX = 64

const SKIP_LONG = `
      if (bytes[at++] > 127 && (at = calls.endOfLongTail(bytes, at)) < 0) ${UNSURE}`

/** Code for a value that nobody needs. `known` keeps the types that are walked over by a call. */
export function skipSource(type: AvroType, known: AvroType[]): string {
  switch (type.kind) {
    case 'null':
      return ''
    case 'boolean':
      return skipBytes(1)
    case 'int':
    case 'long':
    case 'enum':
      return SKIP_LONG
    case 'float':
      return skipBytes(4)
    case 'double':
      return skipBytes(8)
    case 'bytes':
    case 'string':
      return `${LENGTH}
      at = stop`
    case 'fixed':
      return skipBytes(type.size)
    case 'union':
      return type.branches.every(isSimple)
        ? unionSource(type.branches, (branch) => skipSource(branch, known))
        : skipByCall(type, known)
    default:
      return skipByCall(type, known)
  }
}

const skipBytes = (count: number): string => `
      at += ${count}`

const isSimple = ({ kind }: AvroType): boolean =>
  kind !== 'union' && kind !== 'record' && kind !== 'array' && kind !== 'map'

const skipByCall = (type: AvroType, known: AvroType[]): string => `
      if ((at = calls.endOfValue(types[${known.push(type) - 1}], bytes, at, end)) < 0) ${UNSURE}`

/** Code for whichever branch comes. */
export function unionSource(branches: readonly AvroType[], sourceOf: (branch: AvroType) => string): string {
  const cases = branches.slice(0, BRANCHES_MAX).map(
    (branch, index) => `if (branch === ${2 * index}) {${sourceOf(branch)}
      }`,
  )
  return `
      const branch = bytes[at++]
      ${[...cases, UNSURE].join(' else ')}`
}
