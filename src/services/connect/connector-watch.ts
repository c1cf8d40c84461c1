import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { Clock } from '#foundation/time/clock.ts'
import type { ConnectClient, ConnectorConfig, ConnectorStatus } from './connect-client.ts'

/** A connector that is to run. Any class will do. */
export interface WatchedConnector {
  readonly name: string
  readonly query: string
  /** Puts right what the connector needs, such as a table that is gone. Called before it is deployed and before it is started again. */
  prepare(): Promise<PreparedConnector>
}

export interface PreparedConnector {
  readonly config: ConnectorConfig
  /** The store has none of the rows, because it had to be made: the connector reads its topic from the beginning. */
  readonly isStoreNew: boolean
}

/** What is known of a connector. Times are epoch ms. */
export interface ConnectorFacts {
  readonly query: string
  readonly connector: string
  /** `unknown` before the first answer; `absent` when it is gone and could not be put back. */
  readonly state: 'unknown' | 'absent' | 'running' | 'paused' | 'failed'
  /** Since when Connect has not answered; null when it does. */
  readonly unreachableSinceMs: number | null
  readonly failedTasks: readonly FailedTask[]
  readonly tasks: number
  /** Tasks started again since the watch began, and the last time one was. */
  readonly restarts: number
  readonly lastRestartMs: number | null
  /** How often it was put back, and when last. */
  readonly putBack: number
  readonly lastPutBackMs: number | null
  /** Records of the result topic that the store did not take. */
  readonly deadLetters: number
  readonly lastDeadLetterMs: number | null
  /** Why the last attempt to mend it failed. */
  readonly error: MysimbdpError | null
}

/** Before it was looked at for the first time. */
export const NOTHING_SEEN: Omit<ConnectorFacts, 'query' | 'connector'> = {
  state: 'unknown',
  unreachableSinceMs: null,
  failedTasks: [],
  tasks: 0,
  restarts: 0,
  lastRestartMs: null,
  putBack: 0,
  lastPutBackMs: null,
  deadLetters: 0,
  lastDeadLetterMs: null,
  error: null,
}

export interface FailedTask {
  /** Null for the connector itself. */
  readonly task: number | null
  readonly sinceMs: number
  readonly attempts: number
  readonly nextAttemptMs: number
  /** First and innermost line of what it failed with. */
  readonly reason: string
}

const DEAD_LETTER_TOPIC = 'errors.deadletterqueue.topic.name'
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 5 * 60_000
/** A task that has run so long has recovered: its next failure is a first one again. */
const RECOVERED_MS = 60_000

interface Failure {
  sinceMs: number
  attempts: number
  nextAttemptMs: number
  reason: string
  /** Since when it has been running again; null while it has not. */
  runningSinceMs: number | null
}

/** Watches one connector. `look` is called every few seconds. */
export class ConnectorWatch {
  readonly #client: ConnectClient
  readonly #clock: Clock
  readonly #wanted: WatchedConnector
  readonly #failures = new Map<number | null, Failure>()
  #mustRewind = false
  #deadLetterTopic: string | null = null
  #facts: ConnectorFacts

  constructor(client: ConnectClient, clock: Clock, wanted: WatchedConnector) {
    this.#client = client
    this.#clock = clock
    this.#wanted = wanted
    this.#facts = { ...NOTHING_SEEN, query: wanted.query, connector: wanted.name }
  }

  get facts(): ConnectorFacts {
    return this.#facts
  }

  /** Null before it was deployed, and for a connector that keeps none. */
  get deadLetterTopic(): string | null {
    return this.#deadLetterTopic
  }

  /** Creates the connector, or brings it to its configuration. @throws MSB_SINK_UNREACHABLE, MSB_SINK_REFUSED, MSB_SINK_OWNED */
  async deploy(): Promise<void> {
    await this.#apply(await this.#wanted.prepare())
  }

  /** Looks once, mends what it can, and answers what it saw. Never throws: what fails is a fact. */
  async look(): Promise<ConnectorFacts> {
    try {
      const status = await this.#client.status(this.#wanted.name)
      this.#facts = { ...this.#facts, unreachableSinceMs: null, error: null }
      if (status === undefined) await this.#putBack()
      else await this.#mend(status)
    } catch (error) {
      this.#remember(error)
    }
    return this.#facts
  }

  async #apply({ config, isStoreNew }: PreparedConnector): Promise<void> {
    const { name } = this.#wanted
    const there = await this.#client.config(name)
    if (there !== undefined && there.topics !== config.topics)
      throw new MysimbdpError('MSB_SINK_OWNED', `connector '${name}' is there and reads '${there.topics}'`, {
        hint: 'Somebody else made it. Delete it, or give the app another name.',
      })
    // Remembered until it is done: the store is new only once. Offsets outlive a connector that was deleted.
    this.#mustRewind ||= isStoreNew
    this.#deadLetterTopic = config[DEAD_LETTER_TOPIC] ?? null
    await this.#client.putConfig(name, config)
    if (!this.#mustRewind) return
    await this.#client.rewind(name)
    this.#mustRewind = false
  }

  /** How many dead letters its topic holds now, and when the newest came. */
  noteDeadLetters(deadLetters: number, lastDeadLetterMs: number | null): void {
    this.#facts = { ...this.#facts, deadLetters, lastDeadLetterMs }
  }

  #remember(error: unknown): void {
    const known =
      error instanceof MysimbdpError ? error : new MysimbdpError('MSB_INTERNAL', String(error), { cause: error })
    const isAway = known.code === 'MSB_SINK_UNREACHABLE'
    const unreachableSinceMs = isAway ? (this.#facts.unreachableSinceMs ?? this.#clock.nowMs()) : null
    this.#facts = { ...this.#facts, unreachableSinceMs, error: known }
  }

  async #putBack(): Promise<void> {
    this.#facts = { ...this.#facts, state: 'absent', tasks: 0, failedTasks: [] }
    await this.deploy()
    this.#facts = { ...this.#facts, putBack: this.#facts.putBack + 1, lastPutBackMs: this.#clock.nowMs() }
  }

  async #mend({ connector, tasks }: ConnectorStatus): Promise<void> {
    const parts = [{ id: null, ...connector }, ...tasks]
    for (const { id, state, trace } of parts) this.#note(id, state, trace)
    for (const task of [...this.#failures.keys()]) if (!parts.some(({ id }) => id === task)) this.#failures.delete(task)
    const isPaused = connector.state === 'PAUSED' || connector.state === 'STOPPED'
    this.#facts = { ...this.#facts, tasks: tasks.length }
    this.#showFailures(isPaused)
    if (isPaused) return
    for (const { task, nextAttemptMs } of this.#facts.failedTasks)
      if (this.#clock.nowMs() >= nextAttemptMs) await this.#restart(task)
    this.#showFailures(isPaused)
  }

  #showFailures(isPaused: boolean): void {
    const failedTasks = [...this.#failures]
      .filter(([, { runningSinceMs }]) => runningSinceMs === null)
      .map(([task, { runningSinceMs, ...failure }]) => ({ task, ...failure }))
    this.#facts = {
      ...this.#facts,
      state: failedTasks.length > 0 ? 'failed' : isPaused ? 'paused' : 'running',
      failedTasks,
    }
  }

  /** A connector can say RUNNING while each of its tasks has failed, so each is looked at by itself. */
  #note(task: number | null, state: string, trace = ''): void {
    const [nowMs, known] = [this.#clock.nowMs(), this.#failures.get(task)]
    if (state === 'FAILED') {
      const failure = known ?? { sinceMs: nowMs, attempts: 0, nextAttemptMs: nowMs, reason: '', runningSinceMs: null }
      if (failure.runningSinceMs !== null) failure.sinceMs = nowMs
      this.#failures.set(task, Object.assign(failure, { reason: reasonOf(trace), runningSinceMs: null }))
    } else if (known !== undefined && state === 'RUNNING') {
      known.runningSinceMs ??= nowMs
      if (nowMs - known.runningSinceMs >= RECOVERED_MS) this.#failures.delete(task)
    }
  }

  async #restart(task: number | null): Promise<void> {
    const failure = this.#failures.get(task)!
    failure.attempts++
    failure.nextAttemptMs = this.#clock.nowMs() + Math.min(FIRST_PAUSE_MS * 2 ** failure.attempts, LONGEST_PAUSE_MS)
    const prepared = await this.#wanted.prepare()
    // To read again from the beginning, all of the connector is stopped and started.
    if (prepared.isStoreNew || this.#mustRewind) await this.#apply(prepared)
    else if (task === null) await this.#client.restartConnector(this.#wanted.name)
    else await this.#client.restartTask(this.#wanted.name, task)
    this.#facts = { ...this.#facts, restarts: this.#facts.restarts + 1, lastRestartMs: this.#clock.nowMs() }
  }
}

/** The innermost cause says most; the frames of the stack say nothing to the reader of a sentence. */
function reasonOf(trace: string): string {
  const lines = trace.split('\n').map((line) => line.trim())
  const cause = lines.findLast((line) => line.startsWith('Caused by: ')) ?? lines[0] ?? ''
  const text = cause.replace(/^Caused by: /, '').replace(/^(?:[a-z]\w*\.)+[A-Z]\w*: /, '')
  return text === '' ? 'Kafka Connect does not say why' : text
}
