import type { SourceNode } from '#language/plan/plan.ts'
import type { AvroRecord, AvroType } from '#language/schemas/avro/avro-type.ts'
import type { Field } from '#language/schemas/schema.ts'
import { resolveRecord } from '../../../../decoding/avro/resolve-record.ts'
import { WIRE_HEADER_BYTES } from '../../../../records/wire-header.ts'
import { FOUND, REASON, REASON_FIELD } from '../doubtful-records.ts'
import { bind, code, columnName, quoteName, quoteText, sqlType } from '../typed-sql.ts'
import { type AvroReading, readAvro } from './avro-values.ts'
import { BRANCH_IS_TAKEN, BRANCH_VALUE, END_MARK, END_MARK_BYTES, fieldColumn, recordLayout } from './record-layout.ts'
import { isScalar } from './scalar-layout.ts'

const BODY = `substring(value, ${WIRE_HEADER_BYTES + 1})`
/** No record holds its own digest. */
const DIGEST = `unhex(sha2(${BODY}, ${8 * END_MARK_BYTES}))`

/** A field of the stream in the records of a writer. */
interface WrittenField {
  readonly field: Field
  /** Of which one is there, or none for null. Null where the writer has no such field. */
  readonly branches: readonly WrittenBranch[] | null
}

interface WrittenBranch extends AvroReading {
  /** Whether the value is of this branch; null where there is no other. */
  readonly isTaken: string | null
}

/** A record by the schema that it was written with: a struct like `doubtfulRecord`'s. */
export function recordByWriter({ schema: { fields }, timeZone }: SourceNode, record: AvroRecord): string {
  const { fieldOf, fault } = resolveRecord(record, fields)
  const written = fields.map((field, index) => writtenField(field, record, fieldOf.indexOf(index), timeZone))
  const { written: schema, read } = recordLayout(
    record,
    (place) => fieldOf[place]! >= 0 && !isAlwaysNull(record, place),
  )
  const options = `map('avroSchema', ${quoteText(read)}, 'mode', 'PERMISSIVE')`
  const values = struct(written.map((one, i) => [columnName(i, one.field.name), fieldValue(one)]))
  const wrong = struct(
    written.map((one, i) => [`e${i}`, faultOf(one, `read.${quoteName(columnName(i, one.field.name))}`)]),
  )
  const steps: readonly (readonly [string, string])[] = [
    ['digest', DIGEST],
    ['written', `from_avro(concat(${BODY}, digest), ${quoteText(schema)}, ${options})`],
    ['read', values],
    ['wrong', wrong],
    ['why', reasonOf(written, fault === null ? null : code(fault.code))],
  ]
  const judged = struct([
    [REASON, 'why'],
    [REASON_FIELD, fault === null ? faultField(written) : unlessWhole(quoteText(fault.field!))],
    [FOUND, fault === null ? foundText(written) : unlessWhole(quoteText(fault.found!))],
    ...fields.map(({ name }, i) => [columnName(i, name), `read.${quoteName(columnName(i, name))}`] as const),
  ])
  return steps.reduceRight((body, [name, sql]) => bind(name, sql, body), judged)
}

const struct = (members: readonly (readonly [string, string])[]): string =>
  `named_struct(${members.flatMap(([name, sql]) => [quoteText(name), sql]).join(', ')})`

const branchesOf = (type: AvroType): readonly AvroType[] =>
  (type.kind === 'union' ? type.branches : [type]).filter(({ kind }) => kind !== 'null')

const isAlwaysNull = ({ fields }: AvroRecord, place: number): boolean => branchesOf(fields[place]!.type).length === 0

function writtenField(field: Field, { fields }: AvroRecord, place: number, timeZone: string): WrittenField {
  if (place < 0) return { field, branches: null }
  const { type } = fields[place]!
  const branches = branchesOf(type)
  const column = `written.${fieldColumn(place)}`
  return {
    field,
    branches: branches.map((branch, i) => {
      if (type.kind !== 'union') return { ...readAvro(column, branch, field.type, timeZone), isTaken: null }
      // Spark leaves out the union around a single branch.
      const member = branches.length === 1 ? column : `${column}.member${i}`
      const given = `${member}.${isScalar(branch) ? BRANCH_VALUE : BRANCH_IS_TAKEN}`
      return { ...readAvro(given, branch, field.type, timeZone), isTaken: `${member} IS NOT NULL` }
    }),
  }
}

const NOTHING = (type: string): string => `CAST(NULL AS ${type})`

function fieldValue({ field, branches }: WrittenField): string {
  const type = sqlType(field.type)
  const values = byBranch(branches ?? [], ({ value }) => value)
  return values === null ? NOTHING(type) : `CAST(${values} AS ${type})`
}

/** What `of` says for the branch that is taken; null where there is no branch. */
function byBranch(branches: readonly WrittenBranch[], of: (branch: WrittenBranch) => string): string | null {
  if (branches.length === 0) return null
  if (branches.length === 1) return of(branches[0]!)
  return `CASE ${branches.map((branch) => `WHEN ${branch.isTaken} THEN ${of(branch)}`).join(' ')} END`
}

/** The code of what is wrong with a field, null for nothing. */
function faultOf({ field, branches }: WrittenField, value: string): string {
  const none = field.nullable ? NOTHING('STRING') : code(branches === null ? 'missing_field' : 'null_not_allowed')
  const faults = byBranch(branches ?? [], ({ fault }) => fault)
  if (faults === null) return none
  return `CASE WHEN ${value} IS NOT NULL THEN NULL WHEN ${isNull(branches!)} THEN ${none} ELSE ${faults} END`
}

const isNull = (branches: readonly WrittenBranch[]): string =>
  branches[0]!.isTaken === null ? 'false' : `NOT (${branches.map(({ isTaken }) => isTaken).join(' OR ')})`

/** The first thing that is wrong: with the form of the record, with its texts, with the names of its writer, with a field. */
function reasonOf(written: readonly WrittenField[], renamed: string | null): string {
  const branches = written.flatMap((one) => one.branches ?? [])
  const damaged = [`NOT coalesce(written.${END_MARK} = digest, false)`, ...named(branches, ({ damage }) => damage)]
  const badTexts = named(branches, ({ badText }) => badText)
  const whenBad = badTexts.length === 0 ? '' : `WHEN ${badTexts.join(' OR ')} THEN ${code('wrong_encoding')}`
  const faults = written.map((_, i) => `wrong.e${i}`).join(', ')
  return `CASE WHEN ${damaged.join(' OR ')} THEN ${code('malformed')} ${whenBad} ELSE ${renamed ?? `coalesce(${faults})`} END`
}

const named = (branches: readonly WrittenBranch[], of: (branch: WrittenBranch) => string | null): readonly string[] =>
  branches.flatMap((branch) => {
    const condition = of(branch)
    return condition === null ? [] : [`coalesce(${condition}, false)`]
  })

/** What is wrong with the whole of a record is wrong with no field. */
const unlessWhole = (sql: string): string =>
  `CASE WHEN why IN (${code('malformed')}, ${code('wrong_encoding')}) THEN NULL ELSE ${sql} END`

const faultField = (written: readonly WrittenField[]): string =>
  unlessWhole(
    `CASE ${written.map(({ field }, i) => `WHEN wrong.e${i} IS NOT NULL THEN ${quoteText(field.name)}`).join(' ')} END`,
  )

const UNLIKE_ITS_SCHEMA = 'its bytes are none of that form'

function foundText(written: readonly WrittenField[]): string {
  const texts = written.map(({ branches }, i) => {
    const shown = byBranch(branches ?? [], ({ found }) => found)
    const text =
      branches === null || shown === null
        ? NOTHING('STRING')
        : isNull(branches) === 'false'
          ? shown
          : `coalesce(${shown}, 'null')`
    return `WHEN wrong.e${i} IS NOT NULL THEN ${text}`
  })
  return `CASE why WHEN ${code('malformed')} THEN ${quoteText(UNLIKE_ITS_SCHEMA)} WHEN ${code('wrong_encoding')} THEN NULL
  ELSE CASE ${texts.join(' ')} END END`
}
