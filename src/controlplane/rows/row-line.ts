/** A row with its result key. */
export interface KeyedText {
  readonly key: string
  /** JSON text (semantics 6.1). */
  readonly row: string
}

/** `{"key":…,"row":{…}}`, with the row as it is stored, so that numbers keep their digits. */
export const rowLine = ({ key, row }: KeyedText): string => `{"key":${JSON.stringify(key)},"row":${row}}`

/** Undoes `rowLine`. Inside of the key quotes are escaped, so the first `,"row":` is where the row begins. */
export function parseRowLine(line: string): KeyedText {
  const rowAt = line.indexOf(',"row":')
  return {
    key: JSON.parse(line.slice('{"key":'.length, rowAt)) as string,
    row: line.slice(rowAt + ',"row":'.length, -1),
  }
}
