import { join } from 'node:path'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { type Database, openDatabase } from '#foundation/sqlite/database.ts'
import type { AvroType } from '#language/schemas/avro/avro-type.ts'
import { avroFault } from '#language/schemas/avro/avro-validity.ts'
import { parseAvroType } from '#language/schemas/avro/parse-avro-schema.ts'
import { schemaIdentity } from './canonical-schema.ts'
import { type CompatibilityLevel, DEFAULT_LEVEL, isTransitive, violations } from './compatibility-level.ts'
import type { RegisteredSchema } from './schema-registry.ts'

/** AUTOINCREMENT: an id is never given twice, not even after what had it is gone. */
const TABLES = `
CREATE TABLE IF NOT EXISTS schema (id INTEGER PRIMARY KEY AUTOINCREMENT, identity TEXT NOT NULL UNIQUE, json TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS version (subject TEXT NOT NULL, version INTEGER NOT NULL, id INTEGER NOT NULL REFERENCES schema (id),
  PRIMARY KEY (subject, version), UNIQUE (subject, id)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS level (subject TEXT NOT NULL PRIMARY KEY, level TEXT NOT NULL) STRICT, WITHOUT ROWID;`

const VERSIONS = 'SELECT subject, version, id, json AS schema FROM version JOIN schema USING (id) WHERE subject = ?'

/** In the data folder of a platform. */
export const catalogFile = (dataFolder: string): string => join(dataFolder, 'catalog.db')

/** Where the level of all subjects that have none of their own stands; no subject has an empty name. */
const ALL_SUBJECTS = ''

/**
 * Subjects, their versions, and ids of schemas, in one file. Everything is synchronous and one transaction, so that however many register the
 * same schema at once, it has one id.
 */
export class SchemaCatalog {
  readonly #database: Database

  /** @throws MSB_CATALOG_DAMAGED, MSB_STORAGE_FAILED, MSB_DISK_FULL; so does every method */
  constructor(path: string) {
    this.#database = openDatabase(path, { synchronous: 'FULL', damagedCode: 'MSB_CATALOG_DAMAGED' })
    this.#database.exec(TABLES)
  }

  close(): void {
    this.#database.close()
  }

  /** @throws MSB_SCHEMA_INVALID, MSB_SCHEMA_INCOMPATIBLE with all violations in the message */
  register(subject: string, json: string): RegisteredSchema {
    const type = validType(json)
    return this.#database.transaction(() => {
      const there = this.#find(subject, json)
      if (there !== undefined) return there
      const wrong = this.#violationsOf(type, this.#predecessors(subject), this.levelOf(subject))
      if (wrong.length > 0) throw incompatible(subject, this.levelOf(subject), wrong)
      const id = this.#idOf(json)
      const version = (this.versions(subject).at(-1) ?? 0) + 1
      this.#database.prepare('INSERT INTO version VALUES (?, ?, ?)').run(subject, version, id)
      return this.version(subject, version)!
    })
  }

  /** @throws MSB_SCHEMA_INVALID */
  lookUp(subject: string, json: string): RegisteredSchema | undefined {
    validType(json)
    return this.#find(subject, json)
  }

  byId(id: number): string | undefined {
    return this.#database.prepare<{ json: string }>('SELECT json FROM schema WHERE id = ?').get(id)?.json
  }

  /** The versions that have a schema: subject and number. */
  versionsOfId(id: number): readonly Pick<RegisteredSchema, 'subject' | 'version'>[] {
    return this.#database
      .prepare<{ subject: string; version: number }>(
        'SELECT subject, version FROM version WHERE id = ? ORDER BY subject, version',
      )
      .all(id)
  }

  subjects(): readonly string[] {
    const rows = this.#database.prepare<{ subject: string }>('SELECT DISTINCT subject FROM version ORDER BY subject')
    return rows.all().map(({ subject }) => subject)
  }

  /** Numbers of the versions, ascending; none for a subject that is not there. */
  versions(subject: string): readonly number[] {
    const rows = this.#database.prepare<{ version: number }>(
      'SELECT version FROM version WHERE subject = ? ORDER BY version',
    )
    return rows.all(subject).map(({ version }) => version)
  }

  version(subject: string, version: number | 'latest'): RegisteredSchema | undefined {
    return version === 'latest'
      ? this.#database.prepare<Row>(`${VERSIONS} ORDER BY version DESC LIMIT 1`).get(subject)
      : this.#database.prepare<Row>(`${VERSIONS} AND version = ?`).get(subject, version)
  }

  /** Why the schema may not follow the versions before, or the one that is named. @throws MSB_SCHEMA_INVALID */
  violations(subject: string, json: string, against?: RegisteredSchema): readonly string[] {
    return this.#violationsOf(
      validType(json),
      against === undefined ? this.#predecessors(subject) : [against],
      this.levelOf(subject),
    )
  }

  /** The level that counts for a subject. */
  levelOf(subject: string): CompatibilityLevel {
    return this.ownLevel(subject) ?? this.globalLevel
  }

  get globalLevel(): CompatibilityLevel {
    return this.ownLevel(ALL_SUBJECTS) ?? DEFAULT_LEVEL
  }

  /** The level that was set for this subject alone. */
  ownLevel(subject: string): CompatibilityLevel | undefined {
    return this.#database
      .prepare<{ level: CompatibilityLevel }>('SELECT level FROM level WHERE subject = ?')
      .get(subject)?.level
  }

  /** @param subject undefined: of all that have none of their own */
  setLevel(level: CompatibilityLevel, subject = ALL_SUBJECTS): void {
    this.#database
      .prepare('INSERT INTO level VALUES (?, ?) ON CONFLICT (subject) DO UPDATE SET level = excluded.level')
      .run(subject, level)
  }

  #find(subject: string, json: string): RegisteredSchema | undefined {
    return this.#database.prepare<Row>(`${VERSIONS} AND identity = ?`).get(subject, schemaIdentity(json))
  }

  /** The versions that the next one must be compatible with, the newest first. */
  #predecessors(subject: string): readonly RegisteredSchema[] {
    const newestFirst = `${VERSIONS} ORDER BY version DESC`
    const limit = isTransitive(this.levelOf(subject)) ? '' : ' LIMIT 1'
    return this.#database.prepare<Row>(`${newestFirst}${limit}`).all(subject)
  }

  #violationsOf(next: AvroType, before: readonly RegisteredSchema[], level: CompatibilityLevel): readonly string[] {
    return before.flatMap(({ version, schema }) =>
      violations(level, next, parseAvroType(schema)).map((sentence) => `version ${version}: ${sentence}`),
    )
  }

  #idOf(json: string): number {
    const identity = schemaIdentity(json)
    const select = this.#database.prepare<{ id: number }>('SELECT id FROM schema WHERE identity = ?')
    const known = select.get(identity)
    if (known !== undefined) return known.id
    this.#database.prepare('INSERT INTO schema (identity, json) VALUES (?, ?)').run(identity, compact(json))
    return select.get(identity)!.id
  }
}

interface Row extends RegisteredSchema {}

const compact = (json: string): string => JSON.stringify(JSON.parse(json))

/** @throws MSB_SCHEMA_INVALID */
function validType(json: string): AvroType {
  const type = parseAvroType(json)
  const fault = avroFault(type)
  if (fault !== undefined) throw new MysimbdpError('MSB_SCHEMA_INVALID', `this is no schema of Avro: ${fault}`)
  return type
}

const incompatible = (subject: string, level: CompatibilityLevel, wrong: readonly string[]): MysimbdpError =>
  new MysimbdpError(
    'MSB_SCHEMA_INCOMPATIBLE',
    `the schema cannot be the next version of '${subject}', whose level is ${level}: ${wrong.join('; ')}`,
  )
