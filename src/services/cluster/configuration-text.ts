type Value = string | number | boolean

/** A file of Java properties. */
export const propertiesText = (properties: Readonly<Record<string, Value>>): string =>
  Object.entries(properties)
    .map(([name, value]) => `${name}=${String(value).replaceAll('\\', '\\\\')}\n`)
    .join('')

/** A YAML file, a line for each member: what is JSON is YAML. */
export const yamlText = (members: Readonly<Record<string, unknown>>): string =>
  Object.entries(members)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`)
    .join('')
