import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { sha256 } from '#foundation/hash/sha256.ts'
import type { AppPlan } from '#language/plan/plan.ts'
import { planToJson } from '#language/plan/plan-json.ts'
import type { InputReport } from './ingest.ts'

export const planHash = (plan: AppPlan): string => sha256(planToJson(plan))

/** What a bounded run is: the same identity gives the same results. */
export interface RunIdentity {
  readonly app: string
  readonly plan: string
  readonly lateness: 'none' | 'as-stream'
  /** Identities of the inputs of each stream, in order. */
  readonly inputs: Readonly<Record<string, readonly string[]>>
}

interface RunFile {
  readonly identity: RunIdentity
  /** What was read, once the run is finished. */
  readonly finished: Readonly<Record<string, InputReport>> | null
}

/** The data folder of a bounded run: `run.json` says which run it belongs to and whether that is finished. */
export class RunFolder {
  readonly path: string
  readonly #file: string

  constructor(path: string) {
    this.path = path
    this.#file = join(path, 'run.json')
  }

  /**
   * Takes the folder for this run, or goes on with the run that began in it. Answers what was read, when it is finished.
   * @throws MSB_RUN_FOLDER_IN_USE when it belongs to another run
   */
  begin(identity: RunIdentity): RunFile['finished'] {
    mkdirSync(this.path, { recursive: true })
    const found = this.#read()
    if (found === undefined) {
      this.#write({ identity, finished: null })
      return null
    }
    const difference = differenceOf(found.identity, identity)
    if (difference !== null) throw new MysimbdpError('MSB_RUN_FOLDER_IN_USE', `'${this.path}' holds another run: ${difference}`)
    return found.finished
  }

  /**
   * What is known of a run that began here before.
   * @throws MSB_DATA_FOLDER_NOT_FOUND, MSB_RUN_FOLDER_IN_USE when it is of another app
   */
  require(app: string): RunFile {
    const found = this.#read()
    if (found === undefined) throw new MysimbdpError('MSB_DATA_FOLDER_NOT_FOUND', `there is no run in '${this.path}'`)
    if (found.identity.app !== app) throw new MysimbdpError('MSB_RUN_FOLDER_IN_USE', `'${this.path}' holds a run of app '${found.identity.app}'`)
    return found
  }

  /** The run now has these queries. */
  changePlan(plan: string): void {
    const found = this.#read()!
    this.#write({ ...found, identity: { ...found.identity, plan } })
  }

  finish(identity: RunIdentity, reports: Readonly<Record<string, InputReport>>): void {
    this.#write({ identity, finished: reports })
  }

  #read(): RunFile | undefined {
    let text: string
    try {
      text = readFileSync(this.#file, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
    try {
      return JSON.parse(text) as RunFile
    } catch (cause) {
      throw new MysimbdpError('MSB_RUN_FOLDER_IN_USE', `'${this.#file}' cannot be read as the file of a run`, { cause })
    }
  }

  /** Renamed into place, so that a crash leaves the old file or the new one. */
  #write(content: RunFile): void {
    writeFileSync(`${this.#file}.new`, JSON.stringify(content, null, 2), { flush: true })
    renameSync(`${this.#file}.new`, this.#file)
  }
}

function differenceOf(found: RunIdentity, wanted: RunIdentity): string | null {
  if (found.app !== wanted.app) return `it is of app '${found.app}'`
  if (found.plan !== wanted.plan) return 'the queries have changed since'
  if (found.lateness !== wanted.lateness) return wanted.lateness === 'as-stream' ? 'it was begun without --as-stream' : 'it was begun with --as-stream'
  return JSON.stringify(found.inputs) === JSON.stringify(wanted.inputs) ? null : 'its inputs were other ones'
}
