import { sha256 } from '#foundation/hash/sha256.ts'

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** The same for texts that are one schema: white space, the order of attributes and `{"type":"int"}` for `"int"` do not count. */
export const schemaIdentity = (json: string): string => sha256(JSON.stringify(canonical(JSON.parse(json) as Json)))

function canonical(value: Json): Json {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const [only] = entries
  if (entries.length === 1 && only?.[0] === 'type' && typeof only[1] === 'string') return only[1]
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, canonical(inner as Json)]),
  )
}
