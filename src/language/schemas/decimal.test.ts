import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { divideHalfAway, fitPrecision, formatDecimal, parseExact, rescale, roundDouble, toDouble } from './decimal.ts'

describe('decimals', () => {
  it('are written with all digits of their scale and read back', () => {
    assert.equal(formatDecimal(-50n, 2), '-0.50')
    assert.equal(formatDecimal(24200n, 2), '242.00')
    assert.equal(formatDecimal(7n, 0), '7')
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 38n), max: 10n ** 38n }), fc.nat(20), (unscaled, scale) => {
        const read = parseExact(formatDecimal(unscaled, scale))!
        assert.equal(rescale(read.unscaled, read.scale, scale), unscaled)
      }),
    )
  })

  it('are read in a moment however many zeros they end with', { timeout: 5_000 }, () => {
    assert.deepEqual(parseExact(`1.${'0'.repeat(1_000_000)}`), { unscaled: 1n, scale: 0 })
  })

  it('round half away from zero', () => {
    assert.deepEqual(
      [5n, -5n, 4n, -4n, 15n, -15n].map((value) => divideHalfAway(value, 10n)),
      [1n, -1n, 0n, 0n, 2n, -2n],
    )
    assert.equal(rescale(10049995n, 7, 6), 1005000n)
    assert.equal(rescale(1005000n, 6, 2), 101n)
  })

  it('do not fit beyond their precision', () => {
    assert.equal(fitPrecision(999n, 3), 999n)
    assert.equal(fitPrecision(-1000n, 3), null)
  })

  it('are parsed exactly, with exponents, and never built from absurd ones', () => {
    assert.deepEqual(parseExact('1.2300'), { unscaled: 123n, scale: 2 })
    assert.deepEqual(parseExact('12e2'), { unscaled: 1200n, scale: 0 })
    assert.deepEqual(parseExact('5e-3'), { unscaled: 5n, scale: 3 })
    assert.deepEqual(parseExact('100e-4'), { unscaled: 1n, scale: 2 })
    assert.deepEqual(parseExact('0.00e-3'), { unscaled: 0n, scale: 0 })
    assert.equal(parseExact('1e999999999'), null)
    assert.equal(parseExact('1.'), null)
  })

  it('become the nearest double', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const exact = parseExact(String(value))
        if (exact !== null) assert.equal(toDouble(exact.unscaled, exact.scale), value + 0)
      }),
    )
  })
})

describe('rounding a double', () => {
  it('goes by its shortest text, half up in magnitude', () => {
    assert.equal(roundDouble(1.005, 2), 1.01)
    assert.equal(roundDouble(2.675, 2), 2.68)
    assert.equal(roundDouble(-2.675, 2), -2.68)
    assert.equal(roundDouble(1e300, 2), 1e300)
    assert.equal(roundDouble(0.5, 0), 1)
  })
})
