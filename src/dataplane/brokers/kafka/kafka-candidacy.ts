import { Consumer } from '@platformatic/kafka'
import { delay } from '#foundation/time/timers.ts'
import type { Candidacy } from '../candidacy.ts'
import { type KafkaConnection, memberOptions } from './connection.ts'
import { ensureTopics } from './ensure-topics.ts'
import { asKafka } from './kafka-error.ts'
import { changelogTopicOf } from './topic-names.ts'

export interface KafkaCandidacySpec {
  readonly connection: KafkaConnection
  readonly app: string
  readonly replication: number
  /** Called when the instance has become active, or no longer is. Must not throw. */
  readonly onChange: () => void
}

/**
 * A member that has not been heard of for so long has lost the app: so long a standby waits at most. A main thread that serves HTTP is never busy for
 * that long.
 */
const SESSION_TIMEOUT_MS = 6000
const HEARTBEAT_MS = 1000
const REJOIN_PAUSE_MS = 1000
/** Leaves a partition where it is when members come: a standby that joins takes nothing away. */
const STICKY = [{ name: 'cooperative-sticky', version: 1 }]

/** Whoever has been assigned the one partition of the app's changelog, in the group `{app}_active`, is active. */
export class KafkaCandidacy implements Candidacy {
  readonly #spec: KafkaCandidacySpec
  readonly #closing = new AbortController()
  #member: Consumer
  #isActive = false
  #rejoining: Promise<void> | null = null

  private constructor(spec: KafkaCandidacySpec) {
    this.#spec = spec
    this.#member = this.#newMember()
  }

  #newMember(): Consumer {
    const { connection, app } = this.#spec
    const member = new Consumer({
      ...memberOptions(connection, `${app}_active`),
      sessionTimeout: SESSION_TIMEOUT_MS,
      rebalanceTimeout: SESSION_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_MS,
      protocols: STICKY,
    })
    member.on('consumer:group:join', ({ assignments = [] }) => this.#assigned(assignments.length > 0))
    member.on('consumer:group:leave', () => this.#assigned(false))
    // The package gives a member up that could not join again, with this event; without a listener it would end the process.
    member.on('error', () => this.#lost(member))
    member.on('consumer:heartbeat:stalled', () => this.#lost(member))
    return member
  }

  /** Resolves when the group has decided. @throws MSB_KAFKA_UNREACHABLE, MSB_KAFKA_DENIED */
  static async open(spec: KafkaCandidacySpec): Promise<KafkaCandidacy> {
    const { connection, app, replication } = spec
    const topic = changelogTopicOf(app)
    await ensureTopics(connection, [{ topic, partitions: 1, replication, compacted: true }])
    const candidacy = new KafkaCandidacy(spec)
    try {
      await candidacy.#join()
      return candidacy
    } catch (error) {
      await candidacy.close()
      throw error
    }
  }

  get isActive(): boolean {
    return this.#isActive
  }

  async #join(): Promise<void> {
    const { app } = this.#spec
    this.#member.topics.trackAll(changelogTopicOf(app))
    await asKafka(`joining the instances of app '${app}'`, () => this.#member.joinGroup())
  }

  /** Also said when nothing changed: in between another instance may have had the app, and fenced what runs here. */
  #assigned(isActive: boolean): void {
    const stays = !isActive && !this.#isActive
    this.#isActive = isActive
    if (!stays) this.#spec.onChange()
  }

  #lost(member: Consumer): void {
    if (member !== this.#member || this.#closing.signal.aborted) return
    this.#assigned(false)
    this.#rejoining ??= this.#rejoin().finally(() => (this.#rejoining = null))
  }

  async #rejoin(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      const former = this.#member
      this.#member = this.#newMember()
      await former.close(true).catch(() => {})
      try {
        return await this.#join()
      } catch {
        // Who runs an app without a broker says so by itself; here it is only tried again.
        await delay(REJOIN_PAUSE_MS, signal)
      }
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#rejoining
    await this.#member.close(true).catch(() => {})
  }
}
