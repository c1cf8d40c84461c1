import assert from 'node:assert/strict'
import { it } from 'node:test'
import { copyBytes } from './copy-bytes.ts'

const sixBytes = (memory: ArrayBuffer | SharedArrayBuffer): Uint8Array => {
  const bytes = new Uint8Array(memory)
  bytes.set([1, 2, 3, 4, 5, 6])
  return bytes
}

it('a part of some memory comes to the beginning of other memory, whichever of both is shared', () => {
  for (const from of [new ArrayBuffer(6), new SharedArrayBuffer(6)])
    for (const to of [new ArrayBuffer(8), new SharedArrayBuffer(8)]) {
      copyBytes(sixBytes(from).subarray(2, 5), new Uint8Array(to, 1))
      assert.deepEqual([...new Uint8Array(to)], [0, 3, 4, 5, 0, 0, 0, 0])
      copyBytes(sixBytes(from), new Uint8Array(to))
      assert.deepEqual([...new Uint8Array(to)], [1, 2, 3, 4, 5, 6, 0, 0])
    }
})
