import { type ErrorRow, row } from './error-row.ts'

/** What is wrong with schemas that a registry keeps, or with the registry. */
export const registryErrorCodes = {
  MSB_SCHEMA_INCOMPATIBLE: row(
    'user',
    'never',
    'a schema cannot follow the versions that its subject has',
    'Give a new field a default, or let it be null; keep the types of the others. PUT /registry/config/{subject} with {"compatibility":"NONE"} lets any schema follow, for topics whose old records nobody reads any more.',
  ),
  MSB_REGISTRY_UNAVAILABLE: row(
    'external',
    'backoff',
    'the schema registry does not answer',
    'Check that it runs, and the URL under schemaRegistry in the configuration of the platform.',
  ),
  MSB_REGISTRY_REFUSED: row(
    'external',
    'never',
    'the schema registry refuses a request of the platform',
    'Check user name, password and rights under schemaRegistry in the configuration of the platform.',
  ),
  MSB_CATALOG_DAMAGED: row(
    'external',
    'never',
    "the file of the platform's schemas is damaged",
    'Restore catalog.db from a backup: ids of schemas stand in records and cannot be made anew.',
  ),
} as const satisfies Record<string, ErrorRow>
