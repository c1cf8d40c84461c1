/**
 * Fields, values of enums and methods of a `.proto` text, with their type and number: `Read.DataSource.paths` is `repeated string 4`. A field of a oneof is one
 * of its message. Enough of the language for Spark Connect's files.
 */
export function protoFields(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const scopes: string[] = []
  // A statement ends with a semicolon, a brace opens or closes a scope.
  for (const [, statement, mark] of withoutComments(text).matchAll(/([^{};]*)([{};])/g)) {
    const words = statement!.trim()
    if (mark === '{') scopes.push(words)
    else if (mark === '}') scopes.pop()
    else {
      const [, type, name, number] = /^(.*?)\s*\b(\w+) = (\d+)(?: \[.*\])?$/.exec(words) ?? []
      const isField = name !== undefined && scopes.length > 0 && !/^(option|reserved)\b/.test(words)
      if (isField) found.set([...messagesOf(scopes), name].join('.'), `${type} ${number}`.trim())
    }
  }
  return found
}

const withoutComments = (text: string): string => text.replaceAll(/\/\/.*|\/\*[\s\S]*?\*\//g, '')

/** Names of the messages and enums around a field: a oneof is none of them. */
const messagesOf = (scopes: readonly string[]): readonly string[] =>
  scopes.flatMap((scope) => /^(?:message|enum) (\w+)$/.exec(scope)?.[1] ?? [])
