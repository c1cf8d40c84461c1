import type { Admin } from '@platformatic/kafka'
import { OneAtATime } from '#foundation/threads/one-at-a-time.ts'
import { every, within } from '#foundation/time/timers.ts'
import { createAdmin, type KafkaConnection } from './connection.ts'

/** Where a group of consumers goes on in a partition. */
export interface GroupOffset {
  readonly topic: string
  readonly partition: number
  readonly nextOffset: number
}

const PERIOD_MS = 1000
/** For the last ones to be committed at the end. */
const LAST_OFFSETS_MS = 1000

/**
 * Lets the offsets of a group without members follow what a job has committed, for those who watch the group: the job goes on from the positions in
 * its state. So they are not in its transactions, where they would be one more partition to end.
 */
export class GroupOffsets {
  readonly #groupId: string
  readonly #admin: Admin
  readonly #commits = new OneAtATime()
  readonly #stop: () => void
  /** Not committed yet. */
  #behind: readonly GroupOffset[] = []

  constructor(connection: KafkaConnection, groupId: string) {
    this.#groupId = groupId
    this.#admin = createAdmin(connection)
    this.#stop = every(PERIOD_MS, () => void this.#catchUp())
  }

  /** Takes the place of what was not committed yet. */
  follow(offsets: readonly GroupOffset[]): void {
    this.#behind = offsets
  }

  /** What fails is tried again with the next ones: without a broker the job says so by itself. */
  #catchUp(): Promise<void> {
    return this.#commits.run(async () => {
      const offsets = this.#behind
      if (offsets.length === 0) return
      try {
        await this.#admin.alterConsumerGroupOffsets({ groupId: this.#groupId, topics: byTopic(offsets) })
        if (this.#behind === offsets) this.#behind = []
      } catch {
        // They are behind still.
      }
    })
  }

  async close(): Promise<void> {
    this.#stop()
    await within(this.#catchUp(), LAST_OFFSETS_MS)
    await this.#admin.close().catch(() => {})
  }
}

function byTopic(offsets: readonly GroupOffset[]) {
  return Array.from(
    Map.groupBy(offsets, ({ topic }) => topic),
    ([name, ofTopic]) => ({
      name,
      partitionOffsets: ofTopic.map(({ partition, nextOffset }) => ({ partition, offset: BigInt(nextOffset) })),
    }),
  )
}
