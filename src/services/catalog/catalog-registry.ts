import type { SchemaCatalog } from './schema-catalog.ts'
import type { SchemaRegistry } from './schema-registry.ts'

/** The platform's own catalog as the registry. */
export const catalogRegistry = (catalog: SchemaCatalog): SchemaRegistry => ({
  register: async (subject, schema) => catalog.register(subject, schema).id,
  lookUp: async (subject, schema) => catalog.lookUp(subject, schema),
  byId: async (id) => catalog.byId(id),
  latest: async (subject) => catalog.version(subject, 'latest'),
  violations: async (subject, schema) => catalog.violations(subject, schema),
})
