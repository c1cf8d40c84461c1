/** A writer's schema whose record has other field names; null when it cannot be read. What the values are does not change. */
export function renameAvroFields(schema: Uint8Array, rename: (name: string) => string): Uint8Array | null {
  let document: unknown
  try {
    document = JSON.parse(Buffer.from(schema).toString())
  } catch {
    return null
  }
  const { fields } = (document ?? {}) as { readonly fields?: unknown }
  if (!Array.isArray(fields)) return null
  const renamed = fields.map((field: { readonly name?: unknown }) =>
    typeof field?.name === 'string' ? { ...field, name: rename(field.name) } : field,
  )
  return new Uint8Array(Buffer.from(JSON.stringify({ ...(document as object), fields: renamed })))
}
