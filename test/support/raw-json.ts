/** Reads JSON without losing how it was written: `1.10` stays `1.10`. The text must be valid JSON. */

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g

interface Token {
  readonly text: string
  readonly at: number
}

const tokensOf = (json: string): Token[] =>
  [...json.matchAll(TOKEN)].map((match) => ({ text: match[0], at: match.index }))

/** The tokens of a JSON text, without the space between them; texts are unescaped and marked by a leading quote. */
export function jsonTokens(json: string): readonly string[] {
  return tokensOf(json).map(({ text }) => (text.startsWith('"') ? `"${JSON.parse(text) as string}` : text))
}

/** The members of an object: name to the raw text of its value. */
export function rawMembers(json: string): ReadonlyMap<string, string> {
  return new Map(parts(json).map(({ name, raw }) => [name, raw]))
}

/** The raw texts of an array's elements. */
export const rawElements = (json: string): readonly string[] => parts(json).map(({ raw }) => raw)

/** What stands between the outermost brackets, cut at the commas of that depth. */
function parts(json: string): { readonly name: string; readonly raw: string }[] {
  const found: { name: string; raw: string }[] = []
  const tokens = tokensOf(json)
  let depth = 0
  let name = ''
  let from: number | undefined
  for (const [index, { text, at }] of tokens.entries()) {
    const closes = text === '}' || text === ']'
    if (depth === 1 && from !== undefined && (text === ',' || closes)) {
      found.push({ name, raw: json.slice(from, at).trim() })
      from = undefined
    } else if (depth === 1 && tokens[index + 1]?.text === ':' && from === undefined) {
      name = JSON.parse(text) as string
    } else if (depth === 1 && text !== ':' && text !== ',' && from === undefined) {
      from = at
    }
    if (text === '{' || text === '[') depth++
    if (closes) depth--
  }
  return found
}
