/** C0 and C1 but tab and line feed: written to a terminal as they are, they would move its cursor or change its title. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g

/** Text of records as a terminal may show it: control characters are written as JSON escapes. */
export const visibleText = (text: string): string =>
  text.replace(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
