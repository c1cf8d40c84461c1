import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { StateWriter } from '../../state/state-bytes.ts'
import type { StoredPage } from '../pane-store.ts'
import { KeptKeys } from './kept-keys.ts'

const LIFE_MS = 80
const NEVER = Number.NEGATIVE_INFINITY
const writer = new StateWriter()

/** What a store holds after commits. */
class Pages {
  readonly #pages = new Map<number, StoredPage>()

  commit(keys: KeptKeys, watermark: number): number {
    const { written, dropped } = keys.takePages(watermark, writer, { stored: true })
    for (const page of dropped) this.#pages.delete(page)
    for (const page of written) this.#pages.set(page.page, page)
    return written.length
  }

  get stored(): readonly StoredPage[] {
    return [...this.#pages.values()]
  }

  restored(): KeptKeys {
    const keys = new KeptKeys(LIFE_MS)
    keys.restore(this.stored)
    return keys
  }
}

describe('keys that are kept', () => {
  it('live until the watermark reaches the end of their life', () => {
    const keys = new KeptKeys(LIFE_MS)
    assert.equal(keys.keep('a', 100, NEVER), true)
    assert.equal(keys.keep('a', 500, 99), false)
    assert.equal(keys.keep('a', 180, 100), true)
    assert.equal(keys.keep('a', 500, 179), false)
  })

  it('are there after a restart, and a key that lives again lives as long as it says last', () => {
    const [keys, pages] = [new KeptKeys(LIFE_MS), new Pages()]
    keys.keep('a', 100, NEVER)
    pages.commit(keys, NEVER)
    keys.keep('a', 180, 100)
    keys.keep('ä|~', 185, 100)
    pages.commit(keys, 100)
    const again = pages.restored()
    assert.deepEqual([again.count, again.stateBytes], [keys.count, keys.stateBytes])
    for (const key of ['a', 'ä|~']) assert.equal(again.keep(key, 500, 150), false)
    assert.equal(again.keep('b', 500, 150), true)
  })

  it('leave memory and the store when their life is over, but for those that live again', () => {
    const [keys, pages] = [new KeptKeys(LIFE_MS), new Pages()]
    for (let i = 0; i < 2000; i++) keys.keep(`key ${i}`, 100 + (i % 50), NEVER)
    pages.commit(keys, NEVER)
    assert.equal(keys.keep('key 0', 300, 100), true)
    pages.commit(keys, 160)
    assert.deepEqual([keys.count, pages.stored.length], [1, 1])
    assert.equal(pages.restored().keep('key 0', 500, 299), false)
    pages.commit(keys, Number.POSITIVE_INFINITY)
    assert.deepEqual([keys.count, keys.stateBytes, pages.stored.length], [0, 0, 0])
  })

  it('write only pages that changed, and fill pages before they begin others', () => {
    const [keys, pages] = [new KeptKeys(LIFE_MS), new Pages()]
    for (let i = 0; i < 1000; i++) keys.keep(`key ${i}`, 100, NEVER)
    assert.equal(pages.commit(keys, NEVER), 4)
    keys.keep('one more', 100, NEVER)
    assert.equal(pages.commit(keys, NEVER), 1)
    assert.equal(pages.commit(keys, NEVER), 0)
    const again = pages.restored()
    again.keep('and one more', 100, NEVER)
    assert.equal(pages.commit(again, NEVER), 1)
    assert.equal(pages.stored.length, 4)
  })
})
