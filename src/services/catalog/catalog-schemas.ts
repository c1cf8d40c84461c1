import type { WriterSchemas } from '#dataplane/decoding/message-decoder.ts'
import { catalogFile, SchemaCatalog } from './schema-catalog.ts'

/**
 * The schemas in the catalog of a platform, for its threads. Each question opens the file for itself: a schema is asked for once, and the file is
 * written by another thread.
 */
export const catalogSchemas = (dataFolder: string): WriterSchemas => ({
  byId: async (id) => {
    const catalog = new SchemaCatalog(catalogFile(dataFolder))
    try {
      return catalog.byId(id)
    } finally {
      catalog.close()
    }
  },
})
