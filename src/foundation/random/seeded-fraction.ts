/**
 * A number in [0, 1) that depends on its arguments alone: no state, so it does not matter in which order or how often it is asked.
 * `salt` keeps the answers for different purposes apart.
 */
export function seededFraction(seed: number, salt: number, index: number): number {
  let mixed = mix(seed ^ Math.imul(salt, 0x9e3779b1))
  mixed = mix(mixed ^ (index >>> 0))
  mixed = mix(mixed ^ Math.floor(index / 2 ** 32))
  return mixed / 2 ** 32
}

/** The finalizer of MurmurHash3: every bit of the input changes about half of the output. */
function mix(value: number): number {
  let mixed = (value + 0x6d2b79f5) | 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
