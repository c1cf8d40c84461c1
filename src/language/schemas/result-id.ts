import { nameBasedUuid } from '#foundation/hash/name-based-uuid.ts'

/** Drawn once, for this purpose alone. Never to change: rows that are written again would become other rows. */
const RESULT_NAMESPACE = '5f2f4f5c-6a5e-4d0c-9d5c-0a4c5b1f7e21'

/**
 * The `id: uuid` of a result row where a table asks for one: the same whenever the row is written, so that repeats are upserts.
 * @param key result key of the row (semantics 6.4); names of apps and queries have no slash
 */
export const resultId = (app: string, query: string, key: string): string =>
  nameBasedUuid(RESULT_NAMESPACE, `${app}/${query}/${key}`)
