import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { hexWords, packHex, unpackHex } from './pack-hex.ts'

it('takes the sixteen lower-case digits at every place, and no other byte', () => {
  for (let place = 0; place < 8; place++) {
    for (let byte = 0; byte < 256; byte++) {
      const text = new Uint8Array(Buffer.from('0123cdef'))
      text[place] = byte
      const packed = new Uint32Array(1)
      const isDigit = '0123456789abcdef'.includes(String.fromCharCode(byte))
      assert.equal(packHex(text, packed), isDigit, `byte ${byte} at ${place}`)
      if (isDigit) assert.deepEqual(unpackHex(packed, 8), text)
    }
  }
})

it('gives texts of every length back', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), maxLength: 100 })
  fc.assert(
    fc.property(digits, (text) => {
      const packed = new Uint32Array(hexWords(text.length))
      assert.ok(packHex(Buffer.from(text), packed))
      assert.equal(Buffer.from(unpackHex(packed, text.length)).toString(), text)
    }),
  )
})
