import { Consumer } from '@platformatic/kafka'
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
/** Leaves a partition where it is when members come: a standby that joins takes nothing away. */
const STICKY = [{ name: 'cooperative-sticky', version: 1 }]

/** Whoever has been assigned the one partition of the app's changelog, in the group `{app}_active`, is active. */
export class KafkaCandidacy implements Candidacy {
  readonly #spec: KafkaCandidacySpec
  readonly #member: Consumer
  #isActive = false

  private constructor(spec: KafkaCandidacySpec) {
    this.#spec = spec
    this.#member = new Consumer({
      ...memberOptions(spec.connection, `${spec.app}_active`),
      sessionTimeout: SESSION_TIMEOUT_MS,
      rebalanceTimeout: SESSION_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_MS,
      protocols: STICKY,
    })
    this.#member.on('consumer:group:join', ({ assignments = [] }) => this.#assigned(assignments.length > 0))
    this.#member.on('consumer:group:leave', () => this.#assigned(false))
  }

  /** Resolves when the group has decided. @throws MSB_KAFKA_UNREACHABLE, MSB_KAFKA_DENIED */
  static async open(spec: KafkaCandidacySpec): Promise<KafkaCandidacy> {
    const { connection, app, replication } = spec
    const topic = changelogTopicOf(app)
    await ensureTopics(connection, [{ topic, partitions: 1, replication, compacted: true }])
    const candidacy = new KafkaCandidacy(spec)
    try {
      candidacy.#member.topics.trackAll(topic)
      await asKafka(`joining the instances of app '${app}'`, () => candidacy.#member.joinGroup())
      return candidacy
    } catch (error) {
      await candidacy.close()
      throw error
    }
  }

  get isActive(): boolean {
    return this.#isActive
  }

  #assigned(isActive: boolean): void {
    if (this.#isActive === isActive) return
    this.#isActive = isActive
    this.#spec.onChange()
  }

  async close(): Promise<void> {
    await this.#member.close(true).catch(() => {})
  }
}
