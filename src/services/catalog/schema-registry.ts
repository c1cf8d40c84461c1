/** A schema as a version of a subject. */
export interface RegisteredSchema {
  readonly subject: string
  /** From 1 on. */
  readonly version: number
  /** In front of each record that is written with it; one schema has one id, in all subjects. */
  readonly id: number
  /** JSON of the Avro schema. */
  readonly schema: string
}

/** Where schemas of records on the wire are known by their ids: the platform's own catalog, or another registry. */
export interface SchemaRegistry {
  /**
   * Makes the schema the newest version of the subject, unless it is a version already; answers its id.
   * @throws MSB_SCHEMA_INVALID, MSB_SCHEMA_INCOMPATIBLE, MSB_REGISTRY_REFUSED, MSB_REGISTRY_UNAVAILABLE
   */
  register(subject: string, schema: string): Promise<number>
  /** The schema as a version of the subject; undefined when it is none. Throws as `register`. */
  lookUp(subject: string, schema: string): Promise<RegisteredSchema | undefined>
  /** JSON of the schema with this id; undefined when there is none. @throws MSB_REGISTRY_REFUSED, MSB_REGISTRY_UNAVAILABLE */
  byId(id: number): Promise<string | undefined>
  /** The newest version; undefined when the subject has none. Throws as `byId`. */
  latest(subject: string): Promise<RegisteredSchema | undefined>
  /** Why the schema may not become the newest version of the subject; nothing when it may. Throws as `register`. */
  violations(subject: string, schema: string): Promise<readonly string[]>
}

/** The subject of the records' values of a topic, as serializers of Kafka name it. */
export const subjectOf = (topic: string): string => `${topic}-value`
