/** The array when it is long enough, else a longer copy, zeros at its end: at least twice as long, so that growing step by step stays linear. */
export function grown<A extends Float64Array | Int32Array | Uint8Array>(array: A, length: number): A {
  if (array.length >= length) return array
  const longer = new (array.constructor as new (length: number) => A)(Math.max(length, array.length * 2))
  longer.set(array as never)
  return longer
}
