import type { FastifyInstance, FastifyReply } from 'fastify'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { compatibilityLevels, isCompatibilityLevel } from '#services/catalog/compatibility-level.ts'
import type { SchemaCatalog } from '#services/catalog/schema-catalog.ts'
import type { RegisteredSchema } from '#services/catalog/schema-registry.ts'
import {
  incompatibleLevel,
  levelNotFound,
  RegistryError,
  registryErrorOf,
  schemaNotFound,
  subjectNotFound,
  versionInvalid,
  versionNotFound,
} from '../registry-errors.ts'
import { documentText } from '../request-body.ts'
import type { ApiContext } from '../server.ts'

interface SubjectRoute {
  readonly Params: { readonly subject: string }
}
interface VersionRoute {
  readonly Params: { readonly subject: string; readonly version: string }
  readonly Querystring: { readonly verbose?: string }
}
interface IdRoute {
  readonly Params: { readonly id: string }
}
interface ConfigRoute extends SubjectRoute {
  readonly Querystring: { readonly defaultToGlobal?: string }
}

const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json'
const VERSION_MAX = 2 ** 31 - 1

/** Under `/registry`: the routes of Confluent's schema registry that clients need, over the platform's catalog (docs/reference/http.md). */
export function addRegistryRoutes(server: FastifyInstance, { platform }: ApiContext): void {
  const { catalog } = platform
  server.register(
    async (scope) => {
      scope.setErrorHandler((error, _request, reply) => sendRegistryError(reply, error))
      scope.addHook('onRequest', async (_request, reply) => void reply.type(CONTENT_TYPE))
      addSubjectRoutes(scope, catalog)
      addVersionRoutes(scope, catalog)
      addSchemaRoutes(scope, catalog)
      addConfigRoutes(scope, catalog)
    },
    { prefix: '/registry' },
  )
}

async function sendRegistryError(reply: FastifyReply, error: unknown): Promise<void> {
  const { status, errorCode, message } = registryErrorOf(error)
  await reply
    .code(status)
    .type(CONTENT_TYPE)
    .send(JSON.stringify({ error_code: errorCode, message }))
}

function addSubjectRoutes(server: FastifyInstance, catalog: SchemaCatalog): void {
  server.get('/subjects', async () => catalog.subjects())
  server.post<SubjectRoute>('/subjects/:subject', async ({ params: { subject }, body }) => {
    const schema = await schemaIn(body)
    const found = catalog.lookUp(subject, schema)
    if (found !== undefined) return found
    if (catalog.versions(subject).length === 0) throw subjectNotFound(subject)
    throw schemaNotFound()
  })
  server.get<SubjectRoute>('/subjects/:subject/versions', async ({ params: { subject } }) => {
    const versions = catalog.versions(subject)
    if (versions.length === 0) throw subjectNotFound(subject)
    return versions
  })
  server.post<SubjectRoute>('/subjects/:subject/versions', async ({ params: { subject }, body }) => {
    const { id } = catalog.register(subject, await schemaIn(body))
    return { id }
  })
}

function addVersionRoutes(server: FastifyInstance, catalog: SchemaCatalog): void {
  server.get<VersionRoute>('/subjects/:subject/versions/:version', async ({ params }) => findVersion(catalog, params))
  server.get<VersionRoute>('/subjects/:subject/versions/:version/schema', async ({ params }, reply) =>
    reply.send(findVersion(catalog, params).schema),
  )
  server.post<VersionRoute>(
    '/compatibility/subjects/:subject/versions/:version',
    async ({ params, query: { verbose }, body }) => {
      const schema = await schemaIn(body)
      const against = findVersion(catalog, params, () => versionNotFound(params.version))
      return verdict(catalog.violations(params.subject, schema, against), verbose)
    },
  )
  server.post<VersionRoute>(
    '/compatibility/subjects/:subject/versions',
    async ({ params: { subject }, query: { verbose }, body }) =>
      verdict(catalog.violations(subject, await schemaIn(body)), verbose),
  )
}

const verdict = (wrong: readonly string[], verbose: string | undefined) => ({
  is_compatible: wrong.length === 0,
  ...(verbose === 'true' && { messages: wrong }),
})

function addSchemaRoutes(server: FastifyInstance, catalog: SchemaCatalog): void {
  server.get<IdRoute>('/schemas/ids/:id', async ({ params }) => ({ schema: findSchema(catalog, params.id) }))
  server.get<IdRoute>('/schemas/ids/:id/versions', async ({ params }) => {
    findSchema(catalog, params.id)
    return catalog.versionsOfId(Number(params.id))
  })
  server.get('/schemas/types', async () => ['AVRO'])
}

function addConfigRoutes(server: FastifyInstance, catalog: SchemaCatalog): void {
  server.get('/config', async () => ({ compatibilityLevel: catalog.globalLevel }))
  server.put('/config', async ({ body }) => {
    const compatibility = await levelIn(body)
    catalog.setLevel(compatibility)
    return { compatibility }
  })
  server.get<ConfigRoute>('/config/:subject', async ({ params: { subject }, query: { defaultToGlobal } }) => {
    const level = defaultToGlobal === 'true' ? catalog.levelOf(subject) : catalog.ownLevel(subject)
    if (level === undefined) throw levelNotFound(subject)
    return { compatibilityLevel: level }
  })
  server.put<SubjectRoute>('/config/:subject', async ({ params: { subject }, body }) => {
    const compatibility = await levelIn(body)
    catalog.setLevel(compatibility, subject)
    return { compatibility }
  })
}

/** @param notThere what is said of a subject that has no versions at all */
function findVersion(
  catalog: SchemaCatalog,
  { subject, version }: VersionRoute['Params'],
  notThere = (): RegistryError => subjectNotFound(subject),
): RegisteredSchema {
  // The number -1 is what some clients say for the latest.
  const isLatest = version === 'latest' || version === '-1'
  const number = isLatest ? 'latest' : /^\d+$/.test(version) ? Number(version) : 0
  if (number !== 'latest' && (number < 1 || number > VERSION_MAX)) throw versionInvalid(version)
  const found = catalog.version(subject, number)
  if (found !== undefined) return found
  throw catalog.versions(subject).length === 0 ? notThere() : versionNotFound(version)
}

function findSchema(catalog: SchemaCatalog, id: string): string {
  const schema = /^\d{1,10}$/.test(id) ? catalog.byId(Number(id)) : undefined
  if (schema === undefined) throw schemaNotFound(id)
  return schema
}

/** The schema that a body brings. @throws MSB_REQUEST_INVALID, MSB_SCHEMA_INVALID */
async function schemaIn(body: unknown): Promise<string> {
  const { schema, schemaType = 'AVRO', references = [] } = await objectIn(body)
  const isAvro = schemaType === 'AVRO' && Array.isArray(references) && references.length === 0
  if (!isAvro) throw new MysimbdpError('MSB_SCHEMA_INVALID', 'schemas here are of type AVRO and refer to no others')
  if (typeof schema !== 'string') throw new MysimbdpError('MSB_SCHEMA_INVALID', "the body has no text 'schema'")
  return schema
}

async function levelIn(body: unknown) {
  const { compatibility } = await objectIn(body)
  if (!isCompatibilityLevel(compatibility)) throw incompatibleLevel(compatibilityLevels)
  return compatibility
}

async function objectIn(body: unknown): Promise<Readonly<Record<string, unknown>>> {
  try {
    const document: unknown = JSON.parse(await documentText(body))
    if (typeof document === 'object' && document !== null) return document as Record<string, unknown>
  } catch (error) {
    if (error instanceof MysimbdpError) throw error
  }
  throw new RegistryError(400, 400, 'the body is no JSON object')
}
