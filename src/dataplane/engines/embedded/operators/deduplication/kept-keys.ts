import { NO_PAGES, type PageChanges } from '../../state/job-store.ts'
import { StateReader, type StateWriter } from '../../state/state-bytes.ts'
import { MinHeap } from '../min-heap.ts'
import type { StoredPage } from '../pane-store.ts'
import type { StateHolder } from '../state-budget.ts'

/** Of a key's life: keys that end within such a stretch share pages, and go together. */
const STRETCHES_PER_LIFE = 8
/** A page is written again until so many keys are in it. */
const PAGE_KEYS = 256
/** An estimate of what memory holds for a key apart from its characters: a string, places in a map and in a page. */
const KEY_BYTES = 80

/** Keys that are stored together, with the end of the life of each, epoch ms. */
interface KeyPage {
  readonly number: number
  readonly keys: string[]
  readonly ends: number[]
}

/** Keys that were seen, each until the watermark passes the end of its life. All of them are in memory; what is new is stored by pages. */
export class KeptKeys implements StateHolder {
  readonly #stretchMs: number
  readonly #ends = new Map<string, number>()
  /** Pages by end / length of a stretch; the last one of each takes the next key. */
  readonly #stretches = new Map<number, KeyPage[]>()
  readonly #numbers = new MinHeap()
  readonly #changed = new Set<KeyPage>()
  #nextPage = 0
  #characters = 0

  /** @param lifeMs how long a key lives; Infinity for ever */
  constructor(lifeMs: number) {
    this.#stretchMs = lifeMs === Number.POSITIVE_INFINITY ? 1 : Math.max(1, Math.ceil(lifeMs / STRETCHES_PER_LIFE))
  }

  get count(): number {
    return this.#ends.size
  }

  /** An estimate. */
  get stateBytes(): number {
    return this.count * KEY_BYTES + this.#characters
  }

  /** Keeps a key until `endMs`; false when it is kept already and lives at this watermark. */
  keep(key: string, endMs: number, watermarkMs: number): boolean {
    const known = this.#ends.get(key)
    if (known !== undefined && known > watermarkMs) return false
    if (known === undefined) this.#characters += key.length
    this.#ends.set(key, endMs)
    const page = this.#pageFor(endMs)
    page.keys.push(key)
    page.ends.push(endMs)
    this.#changed.add(page)
    return true
  }

  #pageFor(endMs: number): KeyPage {
    const pages = this.#pagesOf(endMs)
    let page = pages.at(-1)
    if (page === undefined || page.keys.length >= PAGE_KEYS)
      pages.push((page = { number: this.#nextPage++, keys: [], ends: [] }))
    return page
  }

  #pagesOf(endMs: number): KeyPage[] {
    const stretch = Math.floor(endMs / this.#stretchMs)
    let pages = this.#stretches.get(stretch)
    if (pages === undefined) {
      this.#stretches.set(stretch, (pages = []))
      this.#numbers.add(stretch)
    }
    return pages
  }

  /** What changed since the last call, as it is to be stored; keys whose life is over at this watermark go. */
  takePages(watermarkMs: number, writer: StateWriter, { stored }: { readonly stored: boolean }): PageChanges {
    const gone = this.#takeEnded(watermarkMs)
    for (const page of gone) this.#changed.delete(page)
    const changed = [...this.#changed]
    this.#changed.clear()
    if (!stored) return NO_PAGES
    const written = changed.map((page) => ({ page: page.number, paneStart: 0, body: pageBody(page, writer) }))
    return { written, dropped: gone.map(({ number }) => number) }
  }

  #takeEnded(watermarkMs: number): readonly KeyPage[] {
    const gone: KeyPage[] = []
    while (this.#stretches.size > 0 && (this.#numbers.least + 1) * this.#stretchMs <= watermarkMs) {
      const stretch = this.#numbers.take()
      for (const page of this.#stretches.get(stretch)!) {
        this.#forget(page)
        gone.push(page)
      }
      this.#stretches.delete(stretch)
    }
    return gone
  }

  /** A key that began a new life since stays. */
  #forget({ keys, ends }: KeyPage): void {
    for (const [i, key] of keys.entries()) {
      if (this.#ends.get(key) !== ends[i]) continue
      this.#ends.delete(key)
      this.#characters -= key.length
    }
  }

  restore(pages: readonly StoredPage[]): void {
    for (const { page: number, body } of pages) {
      const page = readPage(number, new StateReader(body))
      this.#pagesOf(page.ends[0]!).push(page)
      this.#nextPage = Math.max(this.#nextPage, number + 1)
      for (const [i, key] of page.keys.entries()) this.#restoreKey(key, page.ends[i]!)
    }
  }

  #restoreKey(key: string, endMs: number): void {
    const known = this.#ends.get(key)
    if (known === undefined) this.#characters += key.length
    this.#ends.set(key, Math.max(known ?? Number.NEGATIVE_INFINITY, endMs))
  }
}

function pageBody({ keys, ends }: KeyPage, writer: StateWriter): Uint8Array {
  writer.number(keys.length)
  for (const [i, key] of keys.entries()) {
    writer.value(key)
    writer.number(ends[i]!)
  }
  return writer.take()
}

function readPage(number: number, reader: StateReader): KeyPage {
  const page: KeyPage = { number, keys: [], ends: [] }
  for (let left = reader.number(); left > 0; left--) {
    page.keys.push(reader.value() as string)
    page.ends.push(reader.number())
  }
  return page
}
