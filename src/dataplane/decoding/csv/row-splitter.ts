const LINE_FEED = 10
const CARRIAGE_RETURN = 13
const QUOTE = 34
const COMMA = 44

/**
 * What the bytes at the start of the scan are: a row; a line that cannot be read (wrong quoting, or longer than any record);
 * or not yet complete.
 */
export type SplitOutcome = 'row' | 'bad-line' | 'incomplete'

type State = 'field-start' | 'plain' | 'quoted' | 'after-quote' | 'after-quote-return' | 'skip-line'

/**
 * Splits rows by RFC 4180. Works on a growing piece of bytes: a scan that ends in the middle of a row goes on where it stopped.
 *
 * A quote that does not end, or does not end properly, must not swallow the file. So a row is followed for as many bytes as a
 * record may have; when it is not complete then, or what follows a quote is wrong, only its first line is given up.
 */
export class RowSplitter {
  readonly #rowBytesMax: number
  #state: State = 'field-start'
  /** Next byte to look at, counted from the start of the row as all positions here. */
  #position = 0
  /** First line feed inside quotes; -1 when there was none. */
  #firstLineFeed = -1
  #fieldStart = 0
  #fieldDoubled = false
  /** The fields of the row: content without quotes, and whether it holds doubled quotes. */
  starts = new Int32Array(64)
  ends = new Int32Array(64)
  doubled = new Uint8Array(64)
  count = 0
  /** Bytes of the row or line, without and with its line end. */
  length = 0
  lengthWithEnd = 0

  /** `recordBytesMax` without the line end. */
  constructor(recordBytesMax: number) {
    this.#rowBytesMax = recordBytesMax + 2
  }

  /** Forgets an incomplete row. */
  reset(): void {
    this.#state = 'field-start'
    this.#position = 0
    this.#firstLineFeed = -1
    this.#fieldStart = 0
    this.#fieldDoubled = false
    this.count = 0
  }

  /** Looks at the row that begins at `start`. After an outcome other than 'incomplete' the next scan begins a new row. */
  scan(bytes: Uint8Array, start: number, end: number): SplitOutcome {
    if (this.#position === 0) this.reset()
    const limit = Math.min(end, start + this.#rowBytesMax)
    for (let at = start + this.#position; at < limit && this.#state !== 'skip-line'; at = start + this.#position) {
      if (this.#step(bytes, start, at, limit)) return this.#finish(bytes, start, 'row')
    }
    if (this.#state !== 'skip-line' && this.#position < this.#rowBytesMax) return 'incomplete'
    return this.#skipLine(bytes, start, end)
  }

  /** No more bytes follow: an open quote never ends. */
  scanLast(bytes: Uint8Array, start: number, end: number): SplitOutcome {
    this.#state = 'skip-line'
    return this.#skipLine(bytes, start, end)
  }

  /** Goes on by one state. True when the row ends with the line feed it stopped behind. */
  #step(bytes: Uint8Array, start: number, at: number, limit: number): boolean {
    switch (this.#state) {
      case 'field-start':
        return this.#openField(bytes, start, at, limit)
      case 'plain':
        return this.#followPlain(bytes, start, at, limit)
      case 'quoted':
        return this.#followQuoted(bytes, start, at, limit)
      case 'after-quote':
        return this.#followQuote(bytes[at]!, at - start)
      default:
        return this.#endAfterReturn(bytes[at]!, at - start)
    }
  }

  #openField(bytes: Uint8Array, start: number, at: number, limit: number): boolean {
    this.#fieldDoubled = false
    const quoted = bytes[at] === QUOTE
    this.#state = quoted ? 'quoted' : 'plain'
    this.#fieldStart = at - start + (quoted ? 1 : 0)
    if (!quoted) return this.#followPlain(bytes, start, at, limit)
    this.#position = this.#fieldStart
    return false
  }

  #followPlain(bytes: Uint8Array, start: number, from: number, limit: number): boolean {
    let at = from
    for (; at < limit; at++) {
      const byte = bytes[at]!
      if (byte > COMMA) continue
      if (byte === COMMA) {
        this.#closeField(at - start)
        this.#position = at - start + 1
        this.#state = 'field-start'
        return false
      }
      if (byte === LINE_FEED) {
        const returned = at - start > this.#fieldStart && bytes[at - 1] === CARRIAGE_RETURN
        this.#closeField(at - start - (returned ? 1 : 0))
        this.#position = at - start + 1
        return true
      }
      if (byte === QUOTE) {
        this.#state = 'skip-line'
        break
      }
    }
    this.#position = at - start
    return false
  }

  #followQuoted(bytes: Uint8Array, start: number, from: number, limit: number): boolean {
    let at = from
    while (at < limit && bytes[at] !== QUOTE) {
      if (bytes[at] === LINE_FEED && this.#firstLineFeed < 0) this.#firstLineFeed = at - start
      at++
    }
    if (at < limit) {
      this.#state = 'after-quote'
      at++
    }
    this.#position = at - start
    return false
  }

  /** The byte after a quote in quotes. */
  #followQuote(byte: number, position: number): boolean {
    this.#position = position + 1
    if (byte === QUOTE) {
      this.#fieldDoubled = true
      this.#state = 'quoted'
      return false
    }
    if (byte === COMMA || byte === LINE_FEED || byte === CARRIAGE_RETURN) this.#closeField(position - 1)
    if (byte === LINE_FEED) return true
    if (byte === COMMA) this.#state = 'field-start'
    else this.#state = byte === CARRIAGE_RETURN ? 'after-quote-return' : 'skip-line'
    // The wrong byte may be the start of something: the line is searched for its end from here.
    if (this.#state === 'skip-line') this.#position = position
    return false
  }

  #endAfterReturn(byte: number, position: number): boolean {
    this.#position = position + 1
    if (byte === LINE_FEED) return true
    this.#position = position
    this.#state = 'skip-line'
    return false
  }

  #closeField(end: number): void {
    if (this.count === this.starts.length) this.#grow()
    this.starts[this.count] = this.#fieldStart
    this.ends[this.count] = end
    this.doubled[this.count++] = this.#fieldDoubled ? 1 : 0
  }

  #skipLine(bytes: Uint8Array, start: number, end: number): SplitOutcome {
    this.#state = 'skip-line'
    let at =
      this.#firstLineFeed < 0
        ? bytes.subarray(0, end).indexOf(LINE_FEED, start + this.#position)
        : start + this.#firstLineFeed
    if (at < 0) {
      this.#position = end - start
      return 'incomplete'
    }
    this.#position = ++at - start
    return this.#finish(bytes, start, 'bad-line')
  }

  #finish(bytes: Uint8Array, start: number, outcome: 'row' | 'bad-line'): SplitOutcome {
    this.lengthWithEnd = this.#position
    const returned = this.#position > 1 && bytes[start + this.#position - 2] === CARRIAGE_RETURN
    this.length = this.#position - (returned ? 2 : 1)
    this.#position = 0
    return outcome
  }

  #grow(): void {
    const { starts, ends, doubled } = this
    this.starts = new Int32Array(starts.length * 2)
    this.ends = new Int32Array(starts.length * 2)
    this.doubled = new Uint8Array(starts.length * 2)
    this.starts.set(starts)
    this.ends.set(ends)
    this.doubled.set(doubled)
  }
}
