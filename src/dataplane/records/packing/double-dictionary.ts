/**
 * The distinct doubles of a column, bit for bit, and for each row the place of its value among them.
 * Both arrays are memory that the next call uses again.
 */
export interface DoubleDictionary {
  readonly distinct: Float64Array
  readonly codes: Int32Array
}

const MIX_LOW = 0x9e3779b1
const MIX_HIGH = 0x85ebca6b

let slots = new Int32Array(0)
let distinctMemory = new Float64Array(0)
let codeMemory = new Int32Array(0)

/** Undefined when there are more than `distinctMax` distinct values, or none. -0 and 0 are two values. */
export function doubleDictionary(values: Float64Array, distinctMax: number): DoubleDictionary | undefined {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2)
  if (codeMemory.length < values.length) {
    codeMemory = new Int32Array(values.length)
    distinctMemory = new Float64Array(values.length)
  }
  const distinct = distinctMemory
  const distinctWords = new Uint32Array(distinct.buffer)
  const codes = codeMemory
  const mask = clearedSlots(distinctMax) - 1
  let count = 0
  for (let row = 0; row < values.length; row++) {
    const low = words[row * 2]
    const high = words[row * 2 + 1]
    let slot = mix(low, high) & mask
    let code: number
    while ((code = slots[slot] - 1) >= 0 && (distinctWords[code * 2] !== low || distinctWords[code * 2 + 1] !== high))
      slot = (slot + 1) & mask
    if (code < 0) {
      if (count === distinctMax) return undefined
      code = count++
      distinct[code] = values[row]
      slots[slot] = code + 1
    }
    codes[row] = code
  }
  return count === 0 ? undefined : { distinct: distinct.subarray(0, count), codes: codes.subarray(0, values.length) }
}

function mix(low: number, high: number): number {
  const mixed = Math.imul(low, MIX_LOW) ^ Math.imul(high, MIX_HIGH)
  return mixed ^ (mixed >>> 15)
}

/** Empties the table; it is at most half full at `distinctMax`. */
function clearedSlots(distinctMax: number): number {
  let size = 16
  while (size < distinctMax * 2) size *= 2
  if (slots.length < size) slots = new Int32Array(size)
  else slots.fill(0, 0, size)
  return size
}
