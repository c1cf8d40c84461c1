import { invariant } from '#foundation/errors/mysimbdp-error.ts'
import type { FieldType, Value } from '#language/schemas/field-types.ts'
import type { Field, Schema } from '#language/schemas/schema.ts'
import { WIRE_HEADER_BYTES, WIRE_MAGIC } from '../records/wire-header.ts'

const BYTES_AT_FIRST = 256
/** The most a value takes besides its text or digits. */
const FIXED_PART_BYTES = 32
const SEVEN_BITS = 7n

/**
 * Writes values of a schema as the Avro record that `schemaToAvro` describes: decimals with all their digits, times in milliseconds.
 * The bytes that it gives are lent until the next call.
 */
export class AvroRecordEncoder {
  readonly #fields: readonly Field[]
  #bytes = Buffer.alloc(BYTES_AT_FIRST)
  #end = 0

  constructor({ fields }: Schema) {
    this.#fields = fields
  }

  /** @param values one for each field, in the representation that `FieldType` describes */
  encode(values: readonly Value[]): Uint8Array {
    this.#end = 0
    this.#record(values)
    return this.#bytes.subarray(0, this.#end)
  }

  /** The same with the header in front that names the schema. @param schemaId that the registry gave to the schema */
  encodeWithHeader(schemaId: number, values: readonly Value[]): Uint8Array {
    this.#bytes[0] = WIRE_MAGIC
    this.#bytes.writeUInt32BE(schemaId, 1)
    this.#end = WIRE_HEADER_BYTES
    this.#record(values)
    return this.#bytes.subarray(0, this.#end)
  }

  #record(values: readonly Value[]): void {
    invariant(values.length === this.#fields.length, 'a record has a value for each field')
    for (const [index, { name, type, nullable }] of this.#fields.entries()) {
      const value = values[index]!
      invariant(value !== null || nullable, `field '${name}' has a value`)
      this.#room(FIXED_PART_BYTES)
      // The branches of the union are null and the type, in this order; a zigzag 1 is 2.
      if (nullable) this.#bytes[this.#end++] = value === null ? 0 : 2
      if (value !== null) this.#value(value, type)
    }
  }

  #value(value: Exclude<Value, null>, type: FieldType): void {
    switch (type.kind) {
      case 'string':
      case 'uuid':
        this.#text(value as string)
        return
      case 'boolean':
        this.#bytes[this.#end++] = value === true ? 1 : 0
        return
      case 'float':
        this.#end = this.#bytes.writeFloatLE(value as number, this.#end)
        return
      case 'double':
        this.#end = this.#bytes.writeDoubleLE(value as number, this.#end)
        return
      case 'decimal':
        this.#unscaled(value as bigint)
        return
      default:
        this.#long(BigInt(value))
    }
  }

  #text(text: string): void {
    const length = Buffer.byteLength(text)
    this.#room(length + FIXED_PART_BYTES)
    this.#long(BigInt(length))
    this.#end += this.#bytes.write(text, this.#end)
  }

  /** Two's complement, most significant byte first, in as few bytes as hold it. */
  #unscaled(value: bigint): void {
    let length = 1
    while (BigInt.asIntN(8 * length, value) !== value) length++
    this.#long(BigInt(length))
    for (let shift = BigInt(8 * (length - 1)); shift >= 0n; shift -= 8n)
      this.#bytes[this.#end++] = Number((value >> shift) & 0xffn)
  }

  /** Zigzag, seven bits a byte, the lowest first. */
  #long(value: bigint): void {
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
    for (; rest > 0x7fn; rest >>= SEVEN_BITS) this.#bytes[this.#end++] = Number(rest & 0x7fn) | 0x80
    this.#bytes[this.#end++] = Number(rest)
  }

  #room(length: number): void {
    if (this.#end + length <= this.#bytes.length) return
    const larger = Buffer.alloc((this.#end + length) * 2)
    larger.set(this.#bytes.subarray(0, this.#end))
    this.#bytes = larger
  }
}
