/** A row with its result key. */
export interface KeyedText {
  readonly key: string
  /** JSON text (semantics 6.1). */
  readonly row: string
  /** From before a rebuild (semantics 7.5). */
  readonly carriedOver?: boolean
}

const CARRIED = ',"carriedOver":true'

/** `{"key":…,"row":{…}}`, with the row as it is stored, so that numbers keep their digits; `"carriedOver":true` between them where it is so. */
export const rowLine = ({ key, row, carriedOver = false }: KeyedText): string =>
  `{"key":${JSON.stringify(key)}${carriedOver ? CARRIED : ''},"row":${row}}`

/** Undoes `rowLine`. Inside of the key quotes are escaped, so the first `,"row":` is where the row begins. */
export function parseRowLine(line: string): KeyedText {
  const rowAt = line.indexOf(',"row":')
  const head = line.slice('{"key":'.length, rowAt)
  const carriedOver = head.endsWith(CARRIED)
  return {
    key: JSON.parse(carriedOver ? head.slice(0, -CARRIED.length) : head) as string,
    row: line.slice(rowAt + ',"row":'.length, -1),
    ...(carriedOver && { carriedOver }),
  }
}
