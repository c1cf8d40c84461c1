import { FIRST_FACTOR, SECOND_FACTOR } from '../columns/sampled-guess.ts'

/**
 * Sources that read a JSON string whose opening quote is expected at `at`. They move `at` behind the
 * closing quote, or `break unsure`, as they do at a control character or a backslash; then `at` is anywhere.
 */

const QUOTE = 34

/** Locals of the parts below. */
export const stringLocals = 'let text = 0, code = 0, entry = 0, offset = 0, last = 0, target = 0, next = 0'

/** Marks quotes and control characters in `word`; with escapes, backslashes too. A mark above the first one may be false. */
function marksOf(word: string, escapes: boolean): string {
  const exchanged = `((${word} ^ 0x02020202) - 0x21212121) & ~(${word} ^ 0x02020202)`
  return escapes ? `(${exchanged} | ((${word} ^ 0x5c5c5c5c) - 0x01010101) & ~(${word} ^ 0x5c5c5c5c))` : `(${exchanged})`
}

const HIGH_BITS = '0x80808080'
const LOWEST_MARK = '(31 - Math.clz32(marks & -marks)) >> 3'

/** Finds the closing quote, eight bytes at a time. */
export function skipSource(escapes: boolean): string {
  return `if (bytes[at] !== ${QUOTE}) break unsure
  at++
  for (;;) {
    word = view.getInt32(at, true)
    next = view.getInt32(at + 4, true)
    if (((${marksOf('word', escapes)} | ${marksOf('next', escapes)}) & ${HIGH_BITS}) !== 0) break
    at += 8
  }
  marks = ${marksOf('word', escapes)} & ${HIGH_BITS}
  if (marks === 0) {
    at += 4
    marks = ${marksOf('next', escapes)} & ${HIGH_BITS}
  }
  at += ${LOWEST_MARK}
  if (bytes[at] !== ${QUOTE}) break unsure
  at++`
}

/** Appends the content to `bytesOfColumn` from the row's offset on, where there is room for it and eight bytes more. */
export function textSource(field: number, escapes: boolean): string {
  return `if (bytes[at] !== ${QUOTE}) break unsure
  at++
  target = offsets${field}[row]
  for (;;) {
    word = view.getInt32(at, true)
    next = view.getInt32(at + 4, true)
    textView${field}.setInt32(target, word, true)
    textView${field}.setInt32(target + 4, next, true)
    if (((${marksOf('word', escapes)} | ${marksOf('next', escapes)}) & ${HIGH_BITS}) !== 0) break
    at += 8
    target += 8
  }
  marks = ${marksOf('word', escapes)} & ${HIGH_BITS}
  if (marks === 0) {
    at += 4
    target += 4
    marks = ${marksOf('next', escapes)} & ${HIGH_BITS}
  }
  count = ${LOWEST_MARK}
  at += count
  if (bytes[at] !== ${QUOTE}) break unsure
  at++
  offsets${field}[row + 1] = target + count`
}

/** Guesses the entry of the dictionary by a sample of the text, then compares all of it with the closing quote. */
export function guessSource(field: number): string {
  return `text = at + 1
  word = Math.imul(view.getInt32(text + place${field}, true), ${FIRST_FACTOR}) ^ Math.imul(view.getInt32(text + place${field} + 4, true), ${SECOND_FACTOR})
  code = guesses${field}[(word ^ (word >>> 15)) & mask${field}]
  if (code < 0 || bytes[at] !== ${QUOTE}) break unsure
  entry = starts${field}[code]
  last = starts${field}[code + 1] - entry - 8
  offset = 0
  if (last >= 0) {
    while (offset < last && view.getFloat64(text + offset, true) === entryView${field}.getFloat64(entry + offset, true)) offset += 8
    if (offset < last || view.getFloat64(text + last, true) !== entryView${field}.getFloat64(entry + last, true)) break unsure
  } else {
    while (offset < last + 8 && bytes[text + offset] === entries${field}[entry + offset]) offset++
    if (offset < last + 8) break unsure
  }
  codes${field}[row] = code
  at = text + last + 8`
}
