import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { schemaSource } from '#language/query/schema-source.ts'
import { schemaFromAvro } from '#language/schemas/avro/schema-from-avro.ts'
import type { ForeignSchema } from '#language/schemas/foreign-schema.ts'
import { schemaFromReferenceDocument } from '#language/schemas/reference-document.ts'
import type { CliContext } from '../context.ts'

export function addSchemaCommand(program: Command, { terminal }: CliContext): void {
  program
    .command('schema')
    .argument('<file>', 'an Avro schema (.avsc), or a document with key_space, schema and primary_key')
    .description('write a schema from elsewhere as the code of an app, and say what of it does not count here')
    .action(async (path: string) => {
      const { schema, warnings } = schemaOf(await textOf(path))
      terminal.out(`${warnings.map((warning) => `// Note: ${warning}.\n`).join('')}${schemaSource(schema)}`)
    })
}

/** What has a key space is no Avro. */
function schemaOf(json: string): ForeignSchema {
  return /"key_space"\s*:/.test(json) ? schemaFromReferenceDocument(json) : schemaFromAvro(json)
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new MysimbdpError('MSB_INPUT_NOT_FOUND', `'${path}' cannot be read: ${(cause as Error).message}`, {
      cause,
      hint: 'Give the path of a schema file.',
    })
  }
}
