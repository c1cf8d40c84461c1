import fc from 'fast-check'
import { allTypes } from './all-types-schema.fixture.ts'
import { typesFor, unknownTypes, type WrittenType } from './avro-values.fixture.ts'
import { type SchemaJson, writeAvro } from './avro-writer.fixture.ts'

/** A writer's schema, and records of it: as they are written, and in JSON. */
export interface AvroInput {
  readonly schema: SchemaJson
  readonly records: readonly Buffer[]
  readonly lines: readonly string[]
}

interface WriterField {
  readonly name: string
  readonly type: WrittenType
}

/** Fields of the stream in any order, some of them left out, and with others among them. */
const writerFields: fc.Arbitrary<readonly WriterField[]> = fc
  .tuple(
    ...allTypes.schema.fields.map(({ name, type }) =>
      typesFor(type).map((written): WriterField => ({ name, type: written })),
    ),
  )
  .chain((known) => {
    const optional = known.filter(({ name }) => name !== 'id' && name !== 'at')
    const required = known.filter(({ name }) => name === 'id' || name === 'at')
    const extra = fc
      .array(unknownTypes, { maxLength: 3 })
      .map((types) => types.map((type, index): WriterField => ({ name: `unknown${index}`, type })))
    const chosen = fc.oneof(
      { weight: 4, arbitrary: extra.map((unknown) => [...known, ...unknown]) },
      { weight: 2, arbitrary: fc.shuffledSubarray(optional).map((some) => [...required, ...some]) },
      { weight: 1, arbitrary: fc.shuffledSubarray([...known]) },
      { weight: 1, arbitrary: extra.map((unknown) => [...required, ...unknown]) },
    )
    return chosen.chain((all) => fc.shuffledSubarray(all, { minLength: all.length }))
  })
  .filter((fields) => fields.length > 0)

export const avroInput: fc.Arbitrary<AvroInput> = writerFields.chain((fields) => {
  const schema = {
    type: 'record',
    name: 'Trip',
    namespace: 'city.taxi',
    fields: fields.map(({ name, type }) => ({ name, type: type.schema })),
  }
  const record = fc.tuple(...fields.map(({ type }) => type.values))
  return fc.array(record, { minLength: 1, maxLength: 8 }).map((records) => ({
    schema,
    records: records.map((values) =>
      writeAvro(
        schema,
        values.map(({ value }) => value),
      ),
    ),
    lines: records.map(
      (values) => `{${values.map(({ json }, index) => `${JSON.stringify(fields[index]!.name)}:${json}`).join(',')}}`,
    ),
  }))
})
