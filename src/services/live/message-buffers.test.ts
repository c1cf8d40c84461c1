import assert from 'node:assert/strict'
import { it } from 'node:test'
import { MessageBuffers, ReceivedBuffers } from './message-buffers.ts'

const KIB = 1024

/** A piece with memory of its own, as the parser of HTTP gives it. */
const piece = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value)

it('a buffer goes along with its first message, and the other side knows it from then on', () => {
  const [buffers, received] = [new MessageBuffers(), new ReceivedBuffers()]
  for (const [value, isSent] of [
    [1, true],
    [2, false],
    [3, false],
  ] as const) {
    const joined = buffers.join([piece(10, value), piece(20, value)], 30)
    const message = buffers.message(joined)
    assert.equal(message.buffer !== null, isSent)
    assert.deepEqual(received.bytesOf(message), piece(30, value))
    buffers.giveBack(joined, { arrived: true })
  }
})

it('a buffer goes along again when its message was never taken, and to another thread', () => {
  const buffers = new MessageBuffers()
  const send = (arrived: boolean): boolean => {
    const joined = buffers.join([piece(10, 1)], 10)
    const { buffer } = buffers.message(joined)
    buffers.giveBack(joined, { arrived })
    return buffer !== null
  }
  assert.deepEqual([send(false), send(true), send(true)], [true, true, false])
  buffers.forgetReceiver()
  assert.deepEqual([send(true), send(true)], [true, false])
  // Filled before the thread changed, sent afterwards.
  const joined = buffers.join([piece(10, 1)], 10)
  buffers.forgetReceiver()
  assert.notEqual(buffers.message(joined).buffer, null)
})

it('a buffer that went to a thread which ended meanwhile is not taken for known to the next one', () => {
  const buffers = new MessageBuffers()
  const joined = buffers.join([piece(10, 1)], 10)
  buffers.message(joined)
  buffers.forgetReceiver()
  buffers.giveBack(joined, { arrived: true })
  assert.notEqual(buffers.message(buffers.join([piece(10, 2)], 10)).buffer, null)
})

it('messages that are on their way at once have memory of their own', () => {
  const [buffers, received] = [new MessageBuffers(), new ReceivedBuffers()]
  const messages = [1, 2, 3].map((value) => buffers.message(buffers.join([piece(100, value)], 100)))
  assert.deepEqual(
    messages.map((message) => received.bytesOf(message)[99]),
    [1, 2, 3],
  )
})

it('what is too large to be kept goes along each time', () => {
  const [buffers, received] = [new MessageBuffers(), new ReceivedBuffers()]
  for (const value of [1, 2]) {
    const joined = buffers.join([piece(1500 * KIB, value)], 1500 * KIB)
    const message = buffers.message(joined)
    assert.notEqual(message.buffer, null)
    assert.equal(received.bytesOf(message).at(-1), value)
    buffers.giveBack(joined, { arrived: true })
  }
})

it('a piece that is all of its memory gives it back at once, a part of a larger one does not', () => {
  const whole = piece(10, 1)
  const larger = piece(30, 2)
  new MessageBuffers().join([whole, larger.subarray(10, 20)], 20)
  assert.equal(whole.length, 0)
  assert.deepEqual(larger, piece(30, 2))
})

it('a message that names a buffer which never came is an error, not an empty one', () => {
  assert.throws(() => new ReceivedBuffers().bytesOf({ memory: 7, buffer: null, length: 3 }), { code: 'MSB_INTERNAL' })
})
