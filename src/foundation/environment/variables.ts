/** A variable of the environment; undefined where it is not set, or empty. */
export const environmentVariable = (name: string): string | undefined => process.env[name] || undefined
