import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { nearestFloat } from './nearest-float.ts'

/** A float and the next larger one, positive and finite. */
function neighbours(bits: number): readonly [number, number] {
  const floats = new Float32Array(Uint32Array.of(bits, bits + 1).buffer)
  return [floats[0]!, floats[1]!]
}

/** All digits of a double that is a multiple of 2^-150. */
function exactText(value: number): string {
  let scaled = value
  let halvings = 0
  while (!Number.isInteger(scaled)) {
    scaled *= 2
    halvings++
  }
  const digits = (BigInt(scaled) * 5n ** BigInt(halvings)).toString().padStart(halvings + 1, '0')
  return halvings === 0 ? digits : `${digits.slice(0, -halvings)}.${digits.slice(-halvings)}`
}

test('a text a little beside the middle of two floats goes to the nearer one', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 0x7f7ffffe }), fc.boolean(), (bits, negative) => {
      const [low, high] = neighbours(bits)
      const middle = exactText(low / 2 + high / 2)
      const sign = negative ? -1 : 1
      const write = (text: string): string => (negative ? `-${text}` : text)
      const even = bits % 2 === 0 ? low : high
      assert.equal(nearestFloat(write(middle)), sign * even)
      const above = middle.includes('.') ? `${middle}1` : `${middle}.0000001`
      assert.equal(nearestFloat(write(above)), sign * high)
      const below = (BigInt(middle.replace('.', '')) * 10n - 1n)
        .toString()
        .padStart(middle.replace('.', '').length + 1, '0')
      const whole = middle.split('.')[0]!.length
      assert.equal(nearestFloat(write(`${below.slice(0, whole)}.${below.slice(whole)}`)), sign * low)
    }),
  )
})

test('floats read back as themselves', () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) =>
      assert.equal(nearestFloat(JSON.stringify(value)), value + 0),
    ),
  )
})

test('the largest float ends where the next power of two would be nearer', () => {
  assert.equal(nearestFloat('340282356779733661637539395458142568447.9999'), 2 ** 127 * (2 - 2 ** -23))
  assert.equal(nearestFloat('340282356779733661637539395458142568448'), Number.POSITIVE_INFINITY)
})
