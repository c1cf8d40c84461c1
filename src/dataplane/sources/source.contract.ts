import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Source } from './source.ts'

const CHUNK_BYTES_MAX = 1024 * 1024
/** Long after any file was written. */
const LATER_MS = Number.MAX_SAFE_INTEGER

/** What every source must do. `open` gives a new source over the same content, which is `content`. */
export function sourceContract(
  name: string,
  content: Uint8Array,
  open: () => Promise<Source>,
  openOther: () => Promise<Source>,
): void {
  describe(`${name} is a source`, () => {
    it('gives its content in pieces of at most 1 MiB', async () => {
      const pieces = await piecesOf(await open())
      assert.ok(pieces.every((piece) => piece.length <= CHUNK_BYTES_MAX))
      assert.deepEqual(Buffer.concat(pieces), Buffer.from(content))
    })

    it('gives the same content again', async () => {
      const source = await open()
      assert.deepEqual(Buffer.concat(await piecesOf(source)), Buffer.concat(await piecesOf(source)))
    })

    it('has read all of it at the end', async () => {
      const source = await open()
      await piecesOf(source)
      assert.equal(source.progress, 1)
    })

    it('has the same identity for the same content, and another for other content', async () => {
      const identity = await (await open()).identity()
      assert.equal(await (await open()).identity(), identity)
      assert.notEqual(await (await openOther()).identity(), identity)
    })

    it('has the same stamp for the same content, once that has settled, and another for other content', async () => {
      const stamp = (await open()).stamp(LATER_MS)
      assert.notEqual(stamp, null)
      assert.equal((await open()).stamp(LATER_MS), stamp)
      assert.notEqual((await openOther()).stamp(LATER_MS), stamp)
    })
  })
}

async function piecesOf(source: Source): Promise<readonly Uint8Array[]> {
  const pieces: Uint8Array[] = []
  for await (const piece of source.chunks()) pieces.push(Uint8Array.from(piece))
  return pieces
}
