import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { App } from '#language/query/app.ts'
import { isIdentifier } from '#language/schemas/schema.ts'
import { appFromJson, appToJson } from '../apps/app-document.ts'

/** What a platform keeps of an app besides its log and its job's state. */
export interface Deployment {
  readonly app: App
  /** What the operator wants the job to be; the platform sees to it after a restart too. */
  readonly wanted: 'running' | 'stopped'
  /** Queries whose state the job has yet to forget and compute anew, or to take over though they changed. */
  readonly pending: PendingChange
}

export interface PendingChange {
  readonly rebuild: readonly string[]
  readonly keep: readonly string[]
}

export const NOTHING_PENDING: PendingChange = { rebuild: [], keep: [] }

/** A line of JSON. */
export const deploymentText = ({ app, wanted, pending }: Deployment): string =>
  `{"wanted":"${wanted}","pending":${JSON.stringify(pending)},"app":${appToJson(app)}}\n`

/** @throws Error where this is no text of a deployment of the app `name` */
export function deploymentFromText(text: string, name: string): Deployment {
  const document = JSON.parse(text) as { app: object; wanted: string; pending: PendingChange }
  const { wanted, pending } = document
  const app = appFromJson(JSON.stringify(document.app ?? null))
  if (app.plan.name !== name) throw new RangeError(`it says '${app.plan.name}'`)
  return {
    app,
    wanted: wanted === 'stopped' ? 'stopped' : 'running',
    pending: { rebuild: [...pending.rebuild], keep: [...pending.keep] },
  }
}

/** The folder of one app in the platform's data folder: `app.json` beside the log and the state file. */
export class AppFolder {
  readonly path: string
  readonly #file: string

  constructor(path: string) {
    this.path = path
    this.#file = join(path, 'app.json')
  }

  /** The folders of all apps that were deployed here, by name. What else lies about is none of ours. */
  static all(dataFolder: string): readonly AppFolder[] {
    try {
      return readdirSync(join(dataFolder, 'apps'))
        .filter(isIdentifier)
        .sort()
        .map((name) => AppFolder.of(dataFolder, name))
        .filter(({ wasDeployed }) => wasDeployed)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }

  static of(dataFolder: string, app: string): AppFolder {
    return new AppFolder(join(dataFolder, 'apps', app))
  }

  /** Of the folder; the app in it has the same. */
  get name(): string {
    return basename(this.path)
  }

  /** False where a crash cut a first deployment off before it had written anything: nobody was told that it is there. */
  get wasDeployed(): boolean {
    if (statSync(this.path, { throwIfNoEntry: false })?.isDirectory() !== true) return true
    return readdirSync(this.path).some((entry) => entry !== `${basename(this.#file)}.new`)
  }

  /** @throws MSB_STATE_DAMAGED, MSB_STORAGE_FAILED, and what a document of another version is refused with */
  read(): Deployment {
    const text = this.#text()
    try {
      return deploymentFromText(text, this.name)
    } catch (cause) {
      if (cause instanceof MysimbdpError) throw cause.at({ file: this.#file })
      throw new MysimbdpError(
        'MSB_STATE_DAMAGED',
        `'${this.#file}' does not say what is deployed here: ${(cause as Error).message}`,
        {
          cause,
          hint: 'Restore the file from a backup, or deploy the app again.',
        },
      )
    }
  }

  /** Renamed into place, so that a crash leaves the old file or the new one. @throws MSB_DISK_FULL, MSB_STORAGE_FAILED */
  write(deployment: Deployment): void {
    try {
      mkdirSync(this.path, { recursive: true })
      writeFileSync(`${this.#file}.new`, deploymentText(deployment), { flush: true })
      renameSync(`${this.#file}.new`, this.#file)
    } catch (cause) {
      const full = (cause as NodeJS.ErrnoException).code === 'ENOSPC'
      const message = `'${this.#file}' cannot be written: ${(cause as Error).message}`
      throw new MysimbdpError(full ? 'MSB_DISK_FULL' : 'MSB_STORAGE_FAILED', message, { cause })
    }
  }

  #text(): string {
    try {
      return readFileSync(this.#file, 'utf8')
    } catch (cause) {
      throw new MysimbdpError('MSB_STORAGE_FAILED', `'${this.#file}' cannot be read: ${(cause as Error).message}`, {
        cause,
        hint: 'Restore the file from a backup, or deploy the app again.',
      })
    }
  }
}
