import { type Field, isIdentifier, type Schema } from '../schemas/schema.ts'

/** A schema as an app writes it: the code that builds it, with its import. */
export function schemaSource({ name, fields }: Schema): string {
  const imports = [...new Set(['schema', ...fields.map(({ type }) => type.kind)])].sort()
  const lines = fields.map((field) => `  ${field.name}: ${builderOf(field)},`)
  return [
    `import { ${imports.join(', ')} } from 'mysimbdp'`,
    '',
    `export const records = schema(${isIdentifier(name) ? `'${name}'` : JSON.stringify(name)}, {`,
    ...lines,
    '})',
    '',
  ].join('\n')
}

function builderOf({ type, nullable }: Field): string {
  const digits = type.kind === 'decimal' ? `${type.precision}, ${type.scale}` : ''
  return `${type.kind}(${digits})${nullable ? '.nullable()' : ''}`
}
