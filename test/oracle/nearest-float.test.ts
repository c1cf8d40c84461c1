import assert from 'node:assert/strict'
import { it } from 'node:test'
import { nearestFloat } from './nearest-float.ts'

it('is what rounding gives for doubles', () => {
  for (const value of [0, 1, -1, 0.1, 16777217, 1e-40, 1.17549435e-38, 3.4028234663852886e38, -2.5e-45, 1e-50]) {
    assert.equal(nearestFloat(String(value)), Math.fround(value))
  }
})

it('is not misled by a double that lies between two floats', () => {
  // 1 + 2^-24 is half way from 1 to the next float; a little more must go up, though the double next to it is the half.
  assert.equal(nearestFloat('1.000000059604644775390625'), 1)
  assert.equal(nearestFloat('1.00000005960464477539062500000001'), Math.fround(1 + 2 ** -23))
})

it('is infinite beyond the greatest float', () => {
  assert.equal(nearestFloat('3.5e38'), Infinity)
  assert.equal(nearestFloat('-1e400'), -Infinity)
  assert.equal(nearestFloat('340282356779733661637539395458142568447.9'), Math.fround(3.4028234663852886e38))
  assert.equal(nearestFloat('340282356779733661637539395458142568448'), Infinity)
})
