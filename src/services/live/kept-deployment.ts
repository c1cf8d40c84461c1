import { type AppFolder, type Deployment, NOTHING_PENDING } from './app-folder.ts'

/** What is deployed of one app, in memory and in its folder. */
export class KeptDeployment {
  readonly #folder: AppFolder
  #current: Deployment

  constructor(folder: AppFolder, current: Deployment) {
    this.#folder = folder
    this.#current = current
  }

  get current(): Deployment {
    return this.#current
  }

  /** @throws MSB_DISK_FULL, MSB_STORAGE_FAILED; nothing has changed then */
  change(change: Partial<Deployment>): void {
    const next = { ...this.#current, ...change }
    this.#folder.write(next)
    this.#current = next
  }

  /** The job has begun, so what was pending is done. Where that cannot be written, it is still there for the next call. */
  settle(): void {
    const { rebuild, keep } = this.#current.pending
    if (rebuild.length + keep.length === 0) return
    try {
      this.change({ pending: NOTHING_PENDING })
    } catch {
      // The disk is full, say. A crash now would only mean that the same queries are computed anew once more.
    }
  }
}
