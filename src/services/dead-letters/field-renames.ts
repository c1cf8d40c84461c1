import { renameAvroFields } from '#dataplane/decoding/avro/rename-avro-fields.ts'
import { renameColumns } from '#dataplane/decoding/csv/rename-columns.ts'
import { renameMembers } from '#dataplane/decoding/json/rename-members.ts'
import type { RawFormat } from '#dataplane/records/record-batch.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'

/** The bytes of a record, and how they are to be read. */
export interface RawRecord {
  readonly raw: Uint8Array
  readonly format: RawFormat
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Gives a field another name, by the first of the rules `old=new` that fits. Each side may hold one `*`: `x_*=*` takes the prefix away.
 * @throws MSB_REPLAY_INVALID for a rule that is none
 */
export function parseRenames(rules: readonly string[]): (name: string) => string {
  const renames = rules.map(parseRename)
  return (name) => {
    for (const rename of renames) {
      const renamed = rename(name)
      if (renamed !== undefined) return renamed
    }
    return name
  }
}

function parseRename(rule: string): (name: string) => string | undefined {
  const [old = '', renamed = '', ...more] = rule.split('=')
  const [before = '', after, ...others] = old.split('*')
  const [newBefore = '', newAfter, ...newOthers] = renamed.split('*')
  const paired = (after === undefined) === (newAfter === undefined)
  if (old === '' || renamed === '' || more.length + others.length + newOthers.length > 0 || !paired)
    throw new MysimbdpError(
      'MSB_REPLAY_INVALID',
      `'${rule}' renames nothing: write old=new, with one * on each side or on none`,
    )
  if (after === undefined) return (name) => (name === old ? renamed : undefined)
  return (name) =>
    name.length >= before.length + after.length && name.startsWith(before) && name.endsWith(after)
      ? `${newBefore}${name.slice(before.length, name.length - after.length)}${newAfter}`
      : undefined
}

/** The record with its top-level keys, CSV columns or Avro fields renamed; as it is where it has no names that can be read. */
export function renameFields({ raw, format }: RawRecord, rename: (name: string) => string): RawRecord {
  if (format.kind === 'csv') {
    const header = renameColumns(format.header, rename)
    return header === null ? { raw, format } : { raw, format: { kind: 'csv', header } }
  }
  if (format.kind === 'avro') {
    const schema = renameAvroFields(format.schema, rename)
    return schema === null ? { raw, format } : { raw, format: { kind: 'avro', schema } }
  }
  try {
    const text = utf8.decode(raw)
    const parsed: unknown = JSON.parse(text)
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
    return isObject ? { raw: new Uint8Array(Buffer.from(renameMembers(text, rename))), format } : { raw, format }
  } catch {
    return { raw, format }
  }
}
