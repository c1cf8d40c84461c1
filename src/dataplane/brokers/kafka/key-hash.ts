const SEED = 0x9747b28c
const MULTIPLIER = 0x5bd1e995
const ROTATION = 24

/** The partition that Kafka's own producers put a record with this key into: whoever else writes a key agrees with us. */
export const partitionOfKey = (key: Uint8Array, partitions: number): number => (murmur2(key) & 0x7fffffff) % partitions

/** Kafka's variant of MurmurHash2: 32 bits, signed, little-endian. */
export function murmur2(data: Uint8Array): number {
  const { length } = data
  const tail = length & ~3
  let hash = SEED ^ length
  for (let i = 0; i < tail; i += 4) {
    let word = Math.imul(data[i]! | (data[i + 1]! << 8) | (data[i + 2]! << 16) | (data[i + 3]! << 24), MULTIPLIER)
    word = Math.imul(word ^ (word >>> ROTATION), MULTIPLIER)
    hash = Math.imul(hash, MULTIPLIER) ^ word
  }
  for (let i = length - 1; i >= tail; i--) hash ^= data[i]! << (8 * (i - tail))
  if (length > tail) hash = Math.imul(hash, MULTIPLIER)
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER)
  return hash ^ (hash >>> 15)
}
