import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { DescEnum, DescFile, DescMessage } from '@bufbuild/protobuf'
import { protoFields } from '../../../../../test/support/proto-fields.ts'
import { file_commands } from './generated/commands_pb.ts'
import { file_error_info } from './generated/error-info_pb.ts'
import { file_expressions } from './generated/expressions_pb.ts'
import { file_relations } from './generated/relations_pb.ts'
import { file_service } from './generated/service_pb.ts'

const PROTOCOL = new URL('protocol/', import.meta.url)
const GENERATED: Readonly<Record<string, DescFile>> = {
  'commands.proto': file_commands,
  'error-info.proto': file_error_info,
  'expressions.proto': file_expressions,
  'relations.proto': file_relations,
  'service.proto': file_service,
}

/** `Read.DataSource.paths 4`, as a generated file has it. */
function numbersOf({ messages, enums }: DescFile): readonly string[] {
  const ofEnum = (one: DescEnum, scope: string): readonly string[] =>
    one.values.map(({ name, number }) => `${scope}${one.name}.${name} ${number}`)
  const ofMessage = (message: DescMessage, scope: string): readonly string[] => {
    const inside = `${scope}${message.name}.`
    return [
      ...message.fields.map(({ name, number }) => `${inside}${name} ${number}`),
      ...message.nestedEnums.flatMap((one) => ofEnum(one, inside)),
      ...message.nestedMessages.flatMap((one) => ofMessage(one, inside)),
    ]
  }
  return [...messages.flatMap((one) => ofMessage(one, '')), ...enums.flatMap((one) => ofEnum(one, ''))].sort()
}

describe('the generated messages', () => {
  it('are those of all .proto files', () => {
    assert.deepEqual(readdirSync(PROTOCOL).sort(), Object.keys(GENERATED))
  })

  for (const [name, file] of Object.entries(GENERATED))
    it(`have the fields and numbers of ${name}`, () => {
      const fields = [...protoFields(readFileSync(new URL(name, PROTOCOL), 'utf8'))]
      const wanted = fields.map(([field, type]) => `${field} ${type.split(' ').at(-1)}`).sort()
      assert.ok(wanted.length > 0)
      assert.deepEqual(numbersOf(file), wanted)
    })
})
