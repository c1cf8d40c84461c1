/** A variable of the environment; undefined where it is not set, or empty. */
export const environmentVariable = (name: string): string | undefined => process.env[name] || undefined

/** All variables whose names begin so, of which none is empty. */
export const environmentVariables = (prefix: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (name.startsWith(prefix) && value ? [[name, value]] : [])),
  )
