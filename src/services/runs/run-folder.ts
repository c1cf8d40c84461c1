import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { sha256 } from '#foundation/hash/sha256.ts'
import { fingerprint } from '#language/plan/fingerprint.ts'
import type { AppPlan } from '#language/plan/plan.ts'
import type { InputReport } from './ingest.ts'

/** Of the names and meanings of the queries: a table can be renamed without making the run another one. */
export const planHash = (plan: AppPlan): string =>
  sha256(JSON.stringify(plan.queries.map((query) => [query.name, fingerprint(query, plan.timeZone)])))

/** What a bounded run is: the same identity gives the same results. */
export interface RunIdentity {
  readonly app: string
  readonly plan: string
  readonly lateness: 'none' | 'as-stream'
  /** Stamps of the inputs of each stream, in order; null for one that had none. */
  readonly inputs: Readonly<Record<string, readonly (string | null)[]>>
}

/** How far the run of a folder has come. */
export interface RunStanding {
  /** What was read, when it is finished. */
  readonly finished: RunInputs | null
  /** Whether the inputs are those that the run had: other stamps may be of the same content, and then the log can tell. */
  readonly inputs: 'the same' | 'to be compared'
}

interface RunFile {
  readonly identity: RunIdentity
  /** What was read, once the run is finished. */
  readonly finished: RunInputs | null
  /** The same while a finished run is being rebuilt: its results are not whole until `finished` is there again. */
  readonly rebuilding: RunInputs | null
}

/** What was read of each stream. */
export type RunInputs = Readonly<Record<string, InputReport>>

/** The data folder of a bounded run: `run.json` says which run it belongs to and whether that is finished. */
export class RunFolder {
  readonly path: string
  readonly #file: string

  constructor(path: string) {
    this.path = path
    this.#file = join(path, 'run.json')
  }

  /**
   * Takes the folder for this run, or goes on with the run that began in it.
   * `holdsData`: whether a log or state lies in the folder.
   * @throws MSB_RUN_FOLDER_IN_USE when it belongs to another run, MSB_STATE_FINGERPRINT when its queries have changed
   */
  begin(identity: RunIdentity, holdsData: boolean): RunStanding {
    this.#make()
    const found = this.#read()
    if (found === undefined) {
      // Without it nobody knows which records of which input the log already has.
      if (holdsData) throw this.#withoutRunFile()
      this.#write({ identity, finished: null, rebuilding: null })
      return { finished: null, inputs: 'the same' }
    }
    const difference = differenceOf(found.identity, identity)
    if (difference !== null) throw this.holdsAnother(difference)
    if (found.identity.plan !== identity.plan) {
      throw new MysimbdpError(
        'MSB_STATE_FINGERPRINT',
        `the queries of '${identity.app}' have changed since the run in '${this.path}'`,
        {
          hint: `Rebuild them from the log: mysimbdp rebuild <app> --data ${this.path}`,
        },
      )
    }
    return {
      finished: found.finished,
      inputs: haveSameStamps(found.identity, identity) ? 'the same' : 'to be compared',
    }
  }

  /** The inputs were compared: from now on their stamps are these. */
  restamp({ inputs }: RunIdentity): void {
    const found = this.#read()!
    this.#write({ ...found, identity: { ...found.identity, inputs } })
  }

  holdsAnother(difference: string): MysimbdpError {
    return new MysimbdpError('MSB_RUN_FOLDER_IN_USE', `'${this.path}' holds another run: ${difference}`)
  }

  /**
   * What is known of a run that began here before.
   * @throws MSB_DATA_FOLDER_NOT_FOUND, MSB_RUN_FOLDER_IN_USE when it is of another app
   */
  require(app: string): RunFile {
    const found = this.#read()
    if (found === undefined) throw new MysimbdpError('MSB_DATA_FOLDER_NOT_FOUND', `there is no run in '${this.path}'`)
    if (found.identity.app !== app)
      throw new MysimbdpError('MSB_RUN_FOLDER_IN_USE', `'${this.path}' holds a run of app '${found.identity.app}'`)
    return found
  }

  finish(identity: RunIdentity, inputs: RunInputs): void {
    this.#write({ identity, finished: inputs, rebuilding: null })
  }

  /** From here until `endRebuild` the results are not whole, and the run has these queries. Answers what was read, when the run had finished. */
  beginRebuild(app: string, plan: string): RunInputs | null {
    const { identity, finished, rebuilding } = this.require(app)
    this.#write({ identity: { ...identity, plan }, finished: null, rebuilding: finished ?? rebuilding })
    return finished ?? rebuilding
  }

  endRebuild(): void {
    const { identity, rebuilding } = this.#read()!
    this.#write({ identity, finished: rebuilding, rebuilding: null })
  }

  #withoutRunFile(): MysimbdpError {
    const message = `'${this.path}' holds a log or state, and no run.json that says of which run`
    return new MysimbdpError('MSB_RUN_FOLDER_IN_USE', message, { hint: 'Use another folder with --data.' })
  }

  #make(): void {
    try {
      mkdirSync(this.path, { recursive: true })
    } catch (cause) {
      const why = (cause as NodeJS.ErrnoException).code === 'EEXIST' ? 'it is a file' : (cause as Error).message
      throw new MysimbdpError('MSB_STORAGE_FAILED', `'${this.path}' cannot be used as a data folder: ${why}`, { cause })
    }
  }

  #read(): RunFile | undefined {
    let text: string
    try {
      text = readFileSync(this.#file, 'utf8')
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
      throw new MysimbdpError('MSB_STORAGE_FAILED', `'${this.#file}' cannot be read: ${message}`, { cause: error })
    }
    const content = runFileOf(text)
    if (content !== undefined) return content
    throw new MysimbdpError('MSB_STATE_DAMAGED', `'${this.#file}' is damaged: it does not say which run this is`, {
      hint: 'Restore it from a backup, or use another folder with --data. What was rejected can still be read with `mysimbdp dead-letters list`.',
    })
  }

  /** Renamed into place, so that a crash leaves the old file or the new one. */
  #write(content: RunFile): void {
    try {
      writeFileSync(`${this.#file}.new`, JSON.stringify(content, null, 2), { flush: true })
      renameSync(`${this.#file}.new`, this.#file)
    } catch (cause) {
      const full = (cause as NodeJS.ErrnoException).code === 'ENOSPC'
      const message = `'${this.#file}' cannot be written: ${(cause as Error).message}`
      throw new MysimbdpError(full ? 'MSB_DISK_FULL' : 'MSB_STORAGE_FAILED', message, { cause })
    }
  }
}

/** The content of a run's file; undefined when it is none. */
function runFileOf(text: string): RunFile | undefined {
  try {
    const { identity, finished, rebuilding = null } = JSON.parse(text) as RunFile
    return isIdentity(identity) && isInputs(finished) && isInputs(rebuilding)
      ? { identity, finished, rebuilding }
      : undefined
  } catch {
    return undefined
  }
}

const isIdentity = ({ app, plan, lateness, inputs }: RunIdentity): boolean =>
  typeof app === 'string' &&
  typeof plan === 'string' &&
  (lateness === 'none' || lateness === 'as-stream') &&
  Object.values(inputs).every((sources) => Array.isArray(sources))

const isInputs = (inputs: RunInputs | null): boolean =>
  inputs === null ||
  Object.values(inputs).every(({ read, accepted, rejected, ambiguousTimes }) =>
    [read, accepted, rejected, ambiguousTimes].every((count) => Number.isSafeInteger(count)),
  )

function differenceOf(found: RunIdentity, wanted: RunIdentity): string | null {
  if (found.app !== wanted.app) return `it is of app '${found.app}'`
  if (found.lateness !== wanted.lateness)
    return wanted.lateness === 'as-stream' ? 'it was begun without --as-stream' : 'it was begun with --as-stream'
  return null
}

function haveSameStamps(found: RunIdentity, wanted: RunIdentity): boolean {
  const haveStamps = Object.values(wanted.inputs).every((stamps) => stamps.every((stamp) => stamp !== null))
  return haveStamps && JSON.stringify(found.inputs) === JSON.stringify(wanted.inputs)
}
