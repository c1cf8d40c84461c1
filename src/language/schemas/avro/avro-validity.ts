import { INT_MAX, INT_MIN } from '../field-types.ts'
import { type AvroRecord, type AvroType, avroTypeName } from './avro-type.ts'

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/**
 * What a schema that can be read says against the Avro specification: names, defaults, unions. Decoders are lenient there, for files that
 * others wrote; a registry is not, because every other reader would be. Undefined when there is nothing.
 */
export const avroFault = (type: AvroType): string | undefined => faultOf(type, new Set())

function faultOf(type: AvroType, seen: Set<AvroType>): string | undefined {
  if (seen.has(type)) return undefined
  seen.add(type)
  switch (type.kind) {
    case 'record':
      return nameFault(type.fullName) ?? fieldsFault(type, seen)
    case 'enum':
      return nameFault(type.fullName) ?? symbolsFault(type.fullName, type.symbols)
    case 'fixed':
      return nameFault(type.fullName)
    case 'array':
    case 'map':
      return faultOf(type.items, seen)
    case 'union':
      return unionFault(type.branches) ?? first(type.branches, (branch) => faultOf(branch, seen))
    default:
      return undefined
  }
}

function first<T>(items: readonly T[], faultOfItem: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const fault = faultOfItem(item)
    if (fault !== undefined) return fault
  }
  return undefined
}

const nameFault = (fullName: string): string | undefined =>
  fullName.split('.').every((part) => NAME.test(part)) ? undefined : `'${fullName}' is no name of Avro`

function symbolsFault(fullName: string, symbols: readonly string[]): string | undefined {
  const wrong = symbols.find((symbol, index) => !NAME.test(symbol) || symbols.indexOf(symbol) !== index)
  return wrong === undefined
    ? undefined
    : `enum '${fullName}' has the symbol '${wrong}' twice, or it is no name of Avro`
}

const fieldsFault = (record: AvroRecord, seen: Set<AvroType>): string | undefined =>
  first(record.fields, ({ name, type, defaultValue }) => {
    if (!NAME.test(name)) return `'${name}' is no name of a field of Avro`
    const fits = defaultValue === undefined || isDefaultOf(defaultValue, type)
    if (!fits) return `field '${name}' is ${avroTypeName(type)}, and its default ${JSON.stringify(defaultValue)} is not`
    return faultOf(type, seen)
  })

/** A union may have one branch of each kind, and named types by name; none of them may be a union. */
function unionFault(branches: readonly AvroType[]): string | undefined {
  if (branches.some(({ kind }) => kind === 'union')) return 'a union holds a union'
  const keys = branches.map((branch) => ('fullName' in branch ? branch.fullName : branch.kind))
  const twice = keys.find((key, index) => keys.indexOf(key) !== index)
  return twice === undefined ? undefined : `a union holds ${twice} twice`
}

/** Whether a JSON value can be the default of a type. Any branch of a union will do, as in Avro since 1.12. */
function isDefaultOf(value: unknown, type: AvroType): boolean {
  switch (type.kind) {
    case 'null':
      return value === null
    case 'boolean':
      return typeof value === 'boolean'
    case 'int':
      return Number.isInteger(value) && (value as number) >= INT_MIN && (value as number) <= INT_MAX
    case 'long':
      return Number.isInteger(value)
    case 'float':
    case 'double':
      return typeof value === 'number'
    case 'string':
    case 'bytes':
      return typeof value === 'string'
    case 'fixed':
      return typeof value === 'string' && value.length === type.size
    case 'enum':
      return type.symbols.includes(value as string)
    case 'array':
      return Array.isArray(value) && value.every((item) => isDefaultOf(item, type.items))
    case 'map':
      return isObject(value) && Object.values(value).every((item) => isDefaultOf(item, type.items))
    case 'union':
      return type.branches.some((branch) => isDefaultOf(value, branch))
    case 'record':
      return isObject(value) && type.fields.every((field) => isFieldDefault(value, field))
  }
}

const isFieldDefault = (
  record: Readonly<Record<string, unknown>>,
  { name, type, defaultValue }: AvroRecord['fields'][number],
): boolean => (Object.hasOwn(record, name) ? isDefaultOf(record[name], type) : defaultValue !== undefined)

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
