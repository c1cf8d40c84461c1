import { READ_AHEAD_BYTES } from '../columns/column-builder.ts'
import type { PendingRecords } from '../pending-records.ts'
import { learnTemplate, type RecordTemplate } from './record-template.ts'
import { TemplateDecoder } from './template-decoder.ts'

const PATIENCE_MIN = 1
/** To generate and rehearse a decoder costs as much as reading some hundred records without; a short input has none. */
const PATIENCE_AT_FIRST = 32
const PATIENCE_MAX = 16_384
const TEMPLATES_MAX = 32
const SURPRISES_MAX = 2

/**
 * Decides when a new template is worth generating: after the first records, and when records stopped looking like the present one.
 * Where no form lasts, it tries ever more rarely.
 */
export class TemplateLearner {
  readonly #pending: PendingRecords
  readonly #recordBytesMax: number
  readonly #known = new Map<string, TemplateDecoder>()
  /** Fields that had values of an unusual form: from then on their columns are asked. */
  readonly #unusual = new Set<number>()
  /** How often a field was added to those: each time costs a new decoder, so there is an end to it. */
  #surprises = 0
  /** Whether some record lacked a member: from then on all may that can be null. */
  #leavesOut = false
  #misses = 0
  #patience = PATIENCE_AT_FIRST
  /** The decoder for records as they looked lately. */
  decoder: TemplateDecoder | null = null

  constructor(pending: PendingRecords, recordBytesMax: number) {
    this.#pending = pending
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
    const template = learnTemplate(line.subarray(0, end - start), new DataView(line.buffer), this.#pending.fields)
    if (template !== undefined) this.decoder = this.#decoderOf(this.#asLearned(template))
  }

  /** The template with what earlier records had taught: code for what was never seen would slow down the rest. */
  #asLearned({ members, after }: RecordTemplate): RecordTemplate {
    const before = this.#unusual.size
    for (const { field, unusual, present } of members) {
      if (unusual) this.#unusual.add(field)
      if (!present) this.#leavesOut = true
    }
    if (this.#unusual.size > before) this.#surprises++
    const askAll = this.#surprises > SURPRISES_MAX
    const learned = members.map((member) => ({
      ...member,
      unusual: askAll || this.#unusual.has(member.field),
      optional: member.optional && this.#leavesOut,
    }))
    return { members: learned, after }
  }

  #decoderOf(template: RecordTemplate): TemplateDecoder {
    // No literal but the last has a line feed: joined by it, they cannot be cut elsewhere and give the same text.
    const literals = [...template.members.map(({ before }) => before), template.after]
    const learned = template.members.map(({ unusual, optional }) => `${unusual ? 'u' : ''}${optional ? 'o' : ''}`)
    const key = [...literals.map((literal) => Buffer.from(literal).toString('latin1')), ...learned].join('\n')
    let decoder = this.#known.get(key)
    if (decoder !== undefined) return decoder
    if (this.#known.size === TEMPLATES_MAX) this.#known.clear()
    decoder = new TemplateDecoder(template, this.#pending, this.#recordBytesMax)
    this.#known.set(key, decoder)
    return decoder
  }
}
