import assert from 'node:assert/strict'
import { it } from 'node:test'
import * as mysimbdp from '../../mysimbdp.ts'
import type { FieldType } from '../schemas/field-types.ts'
import { createSchema } from '../schemas/schema.ts'
import { schemaSource } from './schema-source.ts'

const builders: Readonly<Record<string, unknown>> = { ...mysimbdp }

it('the code of a schema builds that schema', () => {
  const kinds = ['string', 'int', 'long', 'float', 'double', 'boolean', 'timestamp', 'date', 'uuid'] as const
  const types: FieldType[] = [...kinds.map((kind) => ({ kind })), { kind: 'decimal', precision: 12, scale: 3 }]
  for (const name of ['Trip', 'a "trip" of mine', "it's"]) {
    const schema = createSchema(
      name,
      types.map((type, index) => ({ name: `field${index}`, type, nullable: index % 3 === 0 })),
    )
    const [imports, , ...code] = schemaSource(schema).split('\n')
    const names = /^import \{ (.*) \} from 'mysimbdp'$/.exec(imports!)![1]!.split(', ')
    assert.deepEqual(names, [...names].sort())
    const body = code.join('\n').replace('export const records =', 'return')
    const built = new Function(...names, body)(...names.map((each) => builders[each]))
    assert.deepEqual(built, schema)
  }
})
