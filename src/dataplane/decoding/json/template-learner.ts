import { READ_AHEAD_BYTES } from '../columns/column-builder.ts'
import type { DecoderField } from '../decoder-field.ts'
import { learnTemplate, type RecordTemplate } from './record-template.ts'
import { compileTemplate, type TemplateDecoder } from './template-decoder.ts'

const PATIENCE_MIN = 1
const PATIENCE_MAX = 16_384
const TEMPLATES_MAX = 32

/**
 * Decides when a new template is worth generating: at the first record, and when records stopped looking like the present one.
 * Where no form lasts, it tries ever more rarely.
 */
export class TemplateLearner {
  readonly #fields: readonly DecoderField[]
  readonly #recordBytesMax: number
  readonly #known = new Map<string, TemplateDecoder>()
  #misses = 0
  #patience = PATIENCE_MIN
  /** The decoder for records as they looked lately. */
  decoder: TemplateDecoder | null = null

  constructor(fields: readonly DecoderField[], recordBytesMax: number) {
    this.#fields = fields
    this.#recordBytesMax = recordBytesMax
  }

  /** The decoder read records. */
  hit(): void {
    this.#misses = 0
    this.#patience = Math.max(PATIENCE_MIN, this.#patience >> 1)
  }

  /** A record on [start, end), with its line end, was accepted without the decoder. */
  miss(bytes: Uint8Array, start: number, end: number): void {
    if (++this.#misses < this.#patience) return
    this.#misses = 0
    this.#patience = Math.min(this.#patience * 2, PATIENCE_MAX)
    const line = new Uint8Array(end - start + READ_AHEAD_BYTES)
    line.set(bytes.subarray(start, end))
    const template = learnTemplate(line.subarray(0, end - start), new DataView(line.buffer), this.#fields)
    if (template !== undefined) this.decoder = this.#decoderOf(template)
  }

  #decoderOf(template: RecordTemplate): TemplateDecoder {
    const key = Buffer.concat([...template.members.map(({ before }) => before), template.after]).toString('latin1')
    let decoder = this.#known.get(key)
    if (decoder !== undefined) return decoder
    if (this.#known.size === TEMPLATES_MAX) this.#known.clear()
    decoder = compileTemplate(template, this.#fields, this.#recordBytesMax)
    this.#known.set(key, decoder)
    return decoder
  }
}
