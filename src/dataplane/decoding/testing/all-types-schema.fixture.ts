import { createSchema } from '#language/schemas/schema.ts'

/** A field of every type; only `at`, the event time, and `id` must be there. */
export const allTypesSchema = createSchema('AllTypes', [
  { name: 'id', type: { kind: 'string' }, nullable: false },
  { name: 'at', type: { kind: 'timestamp' }, nullable: false },
  { name: 'seconds', type: { kind: 'int' }, nullable: true },
  { name: 'tract', type: { kind: 'long' }, nullable: true },
  { name: 'miles', type: { kind: 'double' }, nullable: true },
  { name: 'ratio', type: { kind: 'float' }, nullable: true },
  { name: 'fare', type: { kind: 'decimal', precision: 10, scale: 2 }, nullable: true },
  { name: 'balance', type: { kind: 'decimal', precision: 18, scale: 4 }, nullable: true },
  { name: 'whole', type: { kind: 'decimal', precision: 10, scale: 0 }, nullable: true },
  { name: 'paid', type: { kind: 'boolean' }, nullable: true },
  { name: 'day', type: { kind: 'date' }, nullable: true },
  { name: 'rider', type: { kind: 'uuid' }, nullable: true },
])

export const allTypes = { schema: allTypesSchema, eventTime: 'at', timeZone: 'America/Chicago' }
