/**
 * Sources that read numbers at `at`. They set `number` to the value, if that is wanted, and `at` to the position after it; or they
 * `break unsure`, and `at` is anywhere. Four digits at a time: subtracting `0000` leaves digits below ten in their bytes, and adding
 * 0x76 to each sets the high bit of those that are none.
 */

const POINT = 46
const MINUS = 45
const ZERO = 48
/** All numbers of so many digits are exact doubles. */
const DIGITS_EXACT = 15
const INT_DIGITS = 9
/** Epoch ms of all years that are possible have no more digits. */
const EPOCH_DIGITS = 14

/** What the parts below know as `powersOfTen`. 10^22 is the greatest that is an exact double. */
export const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, exponent) => 10 ** exponent)

/** Locals of the parts below. */
export const numberLocals = 'let negative = false, number = 0, first = 0, point = 0, word = 0, marks = 0, count = 0'

const FOUR_DIGITS = `word = (Math.imul(word, 10) + (word >>> 8)) | 0
    word = Math.imul(word & 0xff, 100) + ((word >>> 16) & 0xff)`

/** Reads all digits at `at`. @param wanted whether `number` takes them */
function digits(wanted: boolean): string {
  return `for (;;) {
    word = view.getInt32(at, true) ^ 0x30303030
    marks = ((word + 0x76767676) | word) & 0x80808080
    if (marks !== 0) break
    ${wanted ? `${FOUR_DIGITS}\n    number = number * 10000 + word` : ''}
    at += 4
  }
  count = (31 - Math.clz32(marks & -marks)) >> 3
  at += count
  ${wanted ? `word = (word << ((3 - count) << 3)) << 8\n    ${FOUR_DIGITS}\n  number = number * powersOfTen[count] + word` : ''}`
}

/** A sign and 1 to `digitsMax` whole digits without a leading zero. */
function whole(digitsMax: number, wanted: boolean): string {
  return `negative = bytes[at] === ${MINUS}
  if (negative) at++
  first = at
  ${wanted ? 'number = 0' : ''}
  ${digits(wanted)}
  if (at === first || at - first > ${digitsMax} || (bytes[first] === ${ZERO} && at > first + 1)) break unsure`
}

export const intSource = (wanted: boolean): string => `${whole(INT_DIGITS, wanted)}
  if (bytes[at] === ${POINT}) break unsure
  ${wanted ? 'if (negative) number = -number' : ''}`

/** A whole number of 10^-scale. */
export function exactSource(scale: number, wholeDigits: number, wanted: boolean): string {
  const fraction = `point = ++at
    ${digits(wanted)}
    if (at === point || at - point > ${scale}) break unsure
    ${wanted ? `number *= powersOfTen[${scale} - (at - point)]` : ''}`
  return `${whole(wholeDigits, wanted)}
  if (bytes[at] === ${POINT}) {
    ${scale === 0 ? 'break unsure' : fraction}
  } ${wanted && scale > 0 ? `else number *= ${10 ** scale}` : ''}
  ${wanted ? 'if (negative) number = 0 - number' : ''}`
}

/** A mantissa of up to 15 digits and a power of ten up to 10^22 are exact doubles, so one division rounds once. */
export function doubleSource(wanted: boolean): string {
  return `${whole(DIGITS_EXACT, wanted)}
  if (bytes[at] === ${POINT}) {
    point = ++at
    ${digits(wanted)}
    if (at === point || at - first > ${DIGITS_EXACT + 1}) break unsure
    ${wanted ? 'number /= powersOfTen[at - point]' : ''}
  }
  if ((bytes[at] | 32) === 101) break unsure
  ${wanted ? 'if (negative) number = -number' : ''}`
}

export const epochSource = (wanted: boolean): string => `${whole(EPOCH_DIGITS, wanted)}
  if (negative) break unsure`
