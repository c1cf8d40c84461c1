import type { DeploymentBoard } from '#dataplane/brokers/deployment-board.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { OneAtATime } from '#foundation/threads/one-at-a-time.ts'
import type { App } from '#language/query/app.ts'
import { type AppFolder, type Deployment, deploymentFromText, deploymentText, NOTHING_PENDING } from './app-folder.ts'

/** What is deployed of one app: in memory, in its folder, and on the board where other instances could have the app. */
export class KeptDeployment {
  readonly #folder: AppFolder
  readonly #board: DeploymentBoard | undefined
  readonly #changes = new OneAtATime()
  #current: Deployment

  constructor(folder: AppFolder, current: Deployment, board?: DeploymentBoard) {
    this.#folder = folder
    this.#current = current
    this.#board = board
  }

  get current(): Deployment {
    return this.#current
  }

  /** The board first: whoever takes the app over finds there what was asked for. @throws MSB_DISK_FULL, MSB_STORAGE_FAILED, and what the board throws */
  change(change: Partial<Deployment>): Promise<void> {
    return this.#changes.run(() => this.#change(change))
  }

  async #change(change: Partial<Deployment>): Promise<void> {
    const next = { ...this.#current, ...change }
    await this.#board?.publish(this.#folder.name, deploymentText(next))
    this.#folder.write(next)
    this.#current = next
  }

  /**
   * Of an instance that has become the active one: what is on the board counts, whatever its folder says.
   * @param onOther called with the app when that was something else
   * @throws MSB_STATE_DAMAGED where it cannot be read, and what `change` throws
   */
  catchUp(onOther: (app: App) => void = () => {}): Promise<void> {
    return this.#changes.run(async () => {
      const known = await deployedOnBoard(this.#board, this.#folder.name)
      if (known === null) return this.#change({})
      const isOther = deploymentText(known) !== deploymentText(this.#current)
      if (isOther) this.#folder.write(known)
      this.#current = known
      if (isOther) onOther(known.app)
    })
  }

  /** The job has begun, so what was pending is done. Where that cannot be written, it is still there for the next call. */
  async settle(): Promise<void> {
    const { pending } = this.#current
    if (pending.rebuild.length + pending.keep.length === 0) return
    try {
      await this.#changes.run(async () => {
        // What was asked for meanwhile is still to be done.
        if (this.#current.pending === pending) await this.#change({ pending: NOTHING_PENDING })
      })
    } catch {
      // The disk is full, say. A crash now would only mean that the same queries are computed anew once more.
    }
  }
}

/** Null where nothing is known of the app, or there is no board. @throws MSB_STATE_DAMAGED, and what the board throws */
export async function deployedOnBoard(board: DeploymentBoard | undefined, app: string): Promise<Deployment | null> {
  const text = (await board?.latest(app)) ?? null
  if (text === null) return null
  try {
    return deploymentFromText(text, app)
  } catch (cause) {
    if (cause instanceof MysimbdpError) throw cause
    throw new MysimbdpError(
      'MSB_STATE_DAMAGED',
      `what instances know of app '${app}' cannot be read: ${(cause as Error).message}`,
      {
        cause,
        hint: 'Delete the topic of its deployment, and deploy the app again.',
      },
    )
  }
}
