import { JSON_TOKEN } from './json-members.ts'

/** The same object with other keys; everything else stays as it is written, so that numbers keep their digits. `text` is a well-formed JSON object. */
export function renameMembers(text: string, rename: (key: string) => string): string {
  let renamed = ''
  let copied = 0
  let depth = 0
  let isKey = false
  for (const { 0: token, index } of text.matchAll(JSON_TOKEN)) {
    if (token === '}' || token === ']') depth--
    if (depth === 1 && isKey && token.startsWith('"')) {
      const key = JSON.parse(token) as string
      const other = rename(key)
      renamed += text.slice(copied, index) + (other === key ? token : JSON.stringify(other))
      copied = index + token.length
    }
    if (token === '{' || token === '[') depth++
    isKey = depth === 1 && (token === ',' || token === '{')
  }
  return renamed + text.slice(copied)
}
