/** String, punctuation, or a number or word. */
export const JSON_TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s"{}[\],:]+/g

/**
 * The members of an object as source texts, in the order their keys first appear; a key that comes again has its last value.
 * `text` is known to be a well-formed JSON object.
 */
export function jsonMembers(text: string): Map<string, string> {
  const members = new Map<string, string>()
  let depth = 0
  let key: string | null = null
  let valueStart = -1
  let valueEnd = -1
  for (const { 0: token, index } of text.matchAll(JSON_TOKEN)) {
    if (token === '}' || token === ']') depth--
    if (depth === 1 && token === ':') continue
    const closesMember = (depth === 1 && token === ',') || depth === 0
    if (closesMember && key !== null) {
      members.set(key, text.slice(valueStart, valueEnd))
      key = null
      valueStart = -1
    } else if (depth === 1 && key === null) {
      if (token.startsWith('"')) key = JSON.parse(token) as string
    } else if (key !== null) {
      if (valueStart < 0) valueStart = index
      valueEnd = index + token.length
    }
    if (token === '{' || token === '[') depth++
  }
  return members
}
