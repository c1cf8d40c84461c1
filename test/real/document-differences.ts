/** A JSON document in which each number is its own text, so that `242.00` and `242.0` differ and no digit of a long is lost. */
type Exact = null | boolean | string | NumberText | readonly Exact[] | { readonly [name: string]: Exact }

class NumberText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Reviver = (this: unknown, key: string, value: unknown, context: { readonly source: string }) => unknown

const keepNumberText: Reviver = (_key, value, { source }) =>
  typeof value === 'number' ? new NumberText(source) : value

const parseExactly = (text: string): Exact =>
  JSON.parse(text, keepNumberText as (key: string, value: unknown) => unknown) as Exact

const RELATIVE_TOLERANCE = 1e-9
/** Sums of doubles that cancel out are compared against the size of what was added, not of what is left. */
const ABSOLUTE_TOLERANCE = 1e-9
const SHOWN_MAX = 20
const SHOWN_LENGTH_MAX = 200

/**
 * Sentences that say where two JSON texts differ; none when they are the same. Field order counts. Numbers are the same when their texts are;
 * under a name in `doubles`, also when their values are close (rule 4.4).
 */
export function documentDifferences(
  expected: string,
  actual: string,
  doubles: ReadonlySet<string> = new Set(),
): readonly string[] {
  const found: string[] = []
  compare(parseExactly(expected), parseExactly(actual), '', { found, doubles })
  if (found.length <= SHOWN_MAX) return found
  return [...found.slice(0, SHOWN_MAX), `… and ${found.length - SHOWN_MAX} more differences`]
}

interface Comparison {
  readonly found: string[]
  readonly doubles: ReadonlySet<string>
}

function compare(expected: Exact, actual: Exact, path: string, comparison: Comparison): void {
  if (Array.isArray(expected) && Array.isArray(actual)) compareLists(expected, actual, path, comparison)
  else if (isObject(expected) && isObject(actual)) compareObjects(expected, actual, path, comparison)
  else if (!isSame(expected, actual, path, comparison)) {
    comparison.found.push(`${path}: expected ${show(expected)}, found ${show(actual)}`)
  }
}

function isSame(expected: Exact, actual: Exact, path: string, { doubles }: Comparison): boolean {
  if (!(expected instanceof NumberText && actual instanceof NumberText)) return expected === actual
  const isDouble = doubles.has(path.slice(path.lastIndexOf('.') + 1))
  return expected.text === actual.text || (isDouble && isClose(Number(expected.text), Number(actual.text)))
}
const isObject = (value: Exact): value is { readonly [name: string]: Exact } =>
  typeof value === 'object' && value !== null && !(value instanceof NumberText) && !Array.isArray(value)

const isClose = (a: number, b: number): boolean =>
  Math.abs(a - b) <= Math.max(RELATIVE_TOLERANCE * Math.max(Math.abs(a), Math.abs(b)), ABSOLUTE_TOLERANCE)

function compareLists(
  expected: readonly Exact[],
  actual: readonly Exact[],
  path: string,
  comparison: Comparison,
): void {
  if (expected.length !== actual.length)
    comparison.found.push(`${path}: expected ${expected.length} entries, found ${actual.length}`)
  for (let i = 0; i < Math.min(expected.length, actual.length); i++)
    compare(expected[i]!, actual[i]!, `${path}[${i}]`, comparison)
}

function compareObjects(
  expected: { readonly [name: string]: Exact },
  actual: { readonly [name: string]: Exact },
  path: string,
  comparison: Comparison,
): void {
  const [wanted, there] = [Object.keys(expected).join(', '), Object.keys(actual).join(', ')]
  if (wanted !== there) comparison.found.push(`${path}: expected the fields ${wanted}, found ${there}`)
  for (const name of Object.keys(expected)) {
    if (Object.hasOwn(actual, name))
      compare(expected[name]!, actual[name]!, path === '' ? name : `${path}.${name}`, comparison)
  }
}

const show = (value: Exact): string =>
  value instanceof NumberText ? value.text : JSON.stringify(value).slice(0, SHOWN_LENGTH_MAX)
