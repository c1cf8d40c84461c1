import { readdirSync, readFileSync } from 'node:fs'
import type { AppPlan } from '#language/plan/plan.ts'
import { columnTypes } from '../oracle/oracle.ts'
import { type Expected, readExpected } from './expected-results.ts'
import { rawElements, rawMembers } from './raw-json.ts'

/** A folder of `test/scenarios`: see its README for the files. */
export interface Scenario {
  readonly name: string
  readonly plan: AppPlan
  /** How the input ends. */
  readonly end: 'bounded' | 'as-stream' | 'open'
  /** Rules of `docs/reference/semantics.md` that it proves. */
  readonly rules: readonly string[]
  /** Engines that cannot do this yet, with the reason. */
  readonly gaps: Readonly<Record<string, string>>
  /** By stream. */
  readonly inputs: Readonly<Record<string, readonly ScenarioStep[]>>
  readonly expected: Expected
}

export interface ScenarioStep {
  readonly records: readonly ScenarioRecord[]
  /** Idle marks that are written after the records (semantics 2.7). */
  readonly marks?: readonly ScenarioMark[]
}

export interface ScenarioMark {
  readonly partition: number
  /** Epoch ms. */
  readonly eventTime: number
}

export interface ScenarioRecord {
  readonly partition: number
  /** Epoch ms. */
  readonly arrival: number
  /** The record's text as it stands in the file, number texts unchanged. */
  readonly value: string
  /** The same in bytes; these count where the record is not valid UTF-8. */
  readonly bytes: Uint8Array
}

interface QueryModule {
  readonly default: { readonly plan: AppPlan }
  readonly end?: Scenario['end']
  readonly rules?: readonly string[]
  readonly gaps?: Readonly<Record<string, string>>
}

export const scenariosFolder = new URL('../scenarios/', import.meta.url)

/** The scenarios, by name. */
export function scenarioNames(): readonly string[] {
  const entries = readdirSync(scenariosFolder, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}

export async function loadScenario(name: string): Promise<Scenario> {
  const folder = new URL(`${name}/`, scenariosFolder)
  const query = (await import(new URL('query.ts', folder).href)) as QueryModule
  const { plan } = query.default
  const inputs = readInputs(linesOf(new URL('input.jsonl', folder)), streamsOf(plan))
  return {
    name,
    plan,
    end: query.end ?? 'as-stream',
    rules: query.rules ?? [],
    gaps: query.gaps ?? {},
    inputs,
    expected: {
      ...readExpected(linesOf(new URL('expected.jsonl', folder))),
      columnTypes: Object.fromEntries(plan.queries.map((query) => [query.name, columnTypes(query)])),
      recordCounts: Object.fromEntries(Object.entries(inputs).map(([stream, steps]) => [stream, countRecords(steps)])),
    },
  }
}

/** Empty lines are no records. */
const countRecords = (steps: readonly ScenarioStep[]): number =>
  steps.flatMap((step) => step.records).filter((record) => record.bytes.length > 0).length

const linesOf = (file: URL): readonly string[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')

function streamsOf(plan: AppPlan): readonly string[] {
  const names = plan.queries.map(({ output }) => {
    let node: AppPlan['queries'][number]['output']['input'] = output.input
    while (node.kind !== 'Source') node = node.input
    return node.stream
  })
  return [...new Set(names)]
}

/** Where nothing says when a record arrived: late enough that no event time is in the future. */
const ARRIVAL_MS = Date.UTC(2100, 0, 1)

/** A step may name its stream and the arrival of its records, which then holds for the steps after it too. */
function readInputs(lines: readonly string[], streams: readonly string[]): Scenario['inputs'] {
  const inputs: Record<string, ScenarioStep[]> = Object.fromEntries(streams.map((name) => [name, []]))
  let arrivalMs = ARRIVAL_MS
  for (const line of lines) {
    const step = rawMembers(line)
    const stream = step.has('stream') ? (JSON.parse(step.get('stream')!) as string) : streams[0]
    if (inputs[stream] === undefined) throw new Error(`no query reads the stream '${stream}'`)
    arrivalMs = Number(step.get('arrival') ?? arrivalMs)
    const records = rawElements(step.get('records') ?? '[]').map((raw) => readRecord(raw, arrivalMs))
    const marks = JSON.parse(step.get('marks') ?? '[]') as readonly ScenarioMark[]
    inputs[stream].push(marks.length === 0 ? { records } : { records, marks })
  }
  return inputs
}

function readRecord(raw: string, arrivalMs: number): ScenarioRecord {
  const members = rawMembers(raw)
  const bytes = recordBytes(members)
  return {
    partition: Number(members.get('partition') ?? 0),
    arrival: Number(members.get('arrival') ?? arrivalMs),
    value: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes),
    bytes,
  }
}

/** `value`: JSON; `raw`: any text; `base64`: any bytes. `padToBytes` lengthens a record with spaces at its end. */
function recordBytes(members: ReadonlyMap<string, string>): Uint8Array {
  const base64 = members.get('base64')
  if (base64 !== undefined) return Uint8Array.from(Buffer.from(JSON.parse(base64) as string, 'base64'))
  const raw = members.get('raw')
  const text = raw === undefined ? members.get('value')! : (JSON.parse(raw) as string)
  const bytes = new TextEncoder().encode(text)
  const padded = new Uint8Array(Number(members.get('padToBytes') ?? bytes.length)).fill(0x20)
  padded.set(bytes)
  return padded
}
