import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { type AppPlan, streamsOf } from '#language/plan/plan.ts'
import { schemaToAvro } from '#language/schemas/avro/schema-to-avro.ts'
import { topicOf } from '../runs/platform.ts'
import { type SchemaRegistry, subjectOf } from './schema-registry.ts'

/**
 * Whether the streams of an app can read what their topics hold: the schema of each may be the next version of its subject, or is one.
 * @throws MSB_SCHEMA_INCOMPATIBLE naming stream and field; MSB_REGISTRY_REFUSED, MSB_REGISTRY_UNAVAILABLE
 */
export async function requireCompatibleStreams(registry: SchemaRegistry, plan: AppPlan): Promise<void> {
  for (const [stream, { schema }] of streamsOf(plan)) {
    const [subject, json] = [subjectOf(topicOf(plan, stream)), schemaToAvro(schema)]
    if ((await registry.lookUp(subject, json)) !== undefined) continue
    const wrong = await registry.violations(subject, json)
    if (wrong.length > 0)
      throw new MysimbdpError(
        'MSB_SCHEMA_INCOMPATIBLE',
        `stream '${stream}' of app '${plan.name}' cannot take the place of what is registered as '${subject}': ${wrong.join('; ')}`,
        {
          hint: `Let a new field be null, or give it the type it has in the registry. Where nobody reads the old records any more, set the level of the subject to NONE: PUT /config/${subject} of the registry with {"compatibility":"NONE"}. Or deploy the app under another name.`,
        },
      )
  }
}

/** Makes the schema of each stream the newest version of its subject. Throws as `requireCompatibleStreams`. */
export async function registerStreams(registry: SchemaRegistry, plan: AppPlan): Promise<void> {
  for (const [stream, { schema }] of streamsOf(plan))
    await registry.register(subjectOf(topicOf(plan, stream)), schemaToAvro(schema))
}
