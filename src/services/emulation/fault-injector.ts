import { jsonMembers } from '#dataplane/decoding/json/json-members.ts'
import { seededFraction } from '#foundation/random/seeded-fraction.ts'
import { DAY_MS } from '#foundation/time/zone.ts'
import type { Schema } from '#language/schemas/schema.ts'
import type { EventTimeChoice, FeedRecord, ReadableRecord } from './feed-record.ts'

/** What can go wrong with a feed on purpose: what it is, and the share of records it befalls unless told otherwise. */
export const faultKinds = {
  'null-rows': { meaning: 'all fields null but the event time', share: 0.01 },
  'wrong-columns': { meaning: "all names but the event time's with 'wrong_' before them", share: 1 },
  late: { meaning: 'the event time an hour back', share: 0.01 },
  future: { meaning: 'the event time a century ahead', share: 0.01 },
  duplicates: { meaning: 'the record once more, as a record of its own', share: 0.01 },
  'out-of-order': {
    meaning: 'the record 1 to 20 places later (with --event-time arrival: up to 5 seconds older)',
    share: 0.1,
  },
} as const satisfies Readonly<Record<string, { readonly meaning: string; readonly share: number }>>

export type FaultKind = keyof typeof faultKinds

export interface Fault {
  readonly kind: FaultKind
  /** 0 to 1 */
  readonly share: number
}

/** What of a feed is spoilt. */
export interface FaultPlan {
  readonly faults: readonly Fault[]
  readonly seed: number
  /** Records of the feed that may be spoilt, counted from 0 before faults: from the first number, up to the second without it. */
  readonly from: number
  readonly to: number
}

const WRONG_PREFIX = 'wrong_'
const LATE_BY_MS = 3_600_000
const FUTURE_BY_MS = 36_525 * DAY_MS
const PLACES_MAX = 20
const OLDER_BY_MS_MAX = 5_000
/** Keeps the choice of a fault's records apart from its other choices. */
const EXTENT_SALT = 100

interface HeldRecord {
  readonly record: FeedRecord
  /** Goes out behind the record with this number. */
  readonly behind: number
}

/**
 * Spoils a feed. What befalls a record depends on the seed and its number alone, not on time or on how the feed is cut: a repeat of the feed
 * gives the same records in the same order. Records that are unreadable already stay as they are.
 */
export class FaultInjector {
  readonly #plan: FaultPlan
  readonly #nullMembers: string
  readonly #choice: EventTimeChoice
  #number = 0
  #held: HeldRecord[] = []

  constructor(plan: FaultPlan, schema: Schema, eventTime: string, choice: EventTimeChoice) {
    this.#plan = plan
    this.#choice = choice
    this.#nullMembers = schema.fields
      .filter(({ name }) => name !== eventTime)
      .map(({ name }) => `${JSON.stringify(name)}:null,`)
      .join('')
  }

  apply(records: readonly FeedRecord[]): readonly FeedRecord[] {
    if (this.#plan.faults.length === 0) return records
    const spoilt: FeedRecord[] = []
    for (const record of records) this.#place(record, this.#number++, spoilt)
    return spoilt
  }

  /** The records that are still held back when the feed ends. */
  end(): readonly FeedRecord[] {
    return this.#held.splice(0).map(({ record }) => record)
  }

  #place(record: FeedRecord, number: number, spoilt: FeedRecord[]): void {
    const kinds = record.kind === 'readable' ? this.#kindsFor(number) : []
    const changed =
      record.kind === 'readable' ? kinds.reduce((so, kind) => this.#changed(so, kind, number), record) : record
    const copies = kinds.includes('duplicates') ? [changed, changed] : [changed]
    if (kinds.includes('out-of-order') && this.#choice === 'column') {
      const places = 1 + Math.floor(this.#extent(number) * PLACES_MAX)
      this.#held.push(...copies.map((copy) => ({ record: copy, behind: number + places })))
    } else spoilt.push(...copies)
    if (this.#held.length === 0) return
    spoilt.push(...this.#held.filter(({ behind }) => behind <= number).map(({ record: held }) => held))
    this.#held = this.#held.filter(({ behind }) => behind > number)
  }

  #kindsFor(number: number): readonly FaultKind[] {
    const { faults, seed, from, to } = this.#plan
    if (number < from || number >= to) return []
    return faults
      .filter(({ kind, share }) => seededFraction(seed, Object.keys(faultKinds).indexOf(kind), number) < share)
      .map(({ kind }) => kind)
  }

  #changed(record: ReadableRecord, kind: FaultKind, number: number): ReadableRecord {
    switch (kind) {
      case 'null-rows':
        return { ...record, members: this.#nullMembers }
      case 'wrong-columns':
        return { ...record, members: withWrongNames(record.members) }
      case 'late':
        return { ...record, shiftMs: record.shiftMs - LATE_BY_MS }
      case 'future':
        return { ...record, shiftMs: record.shiftMs + FUTURE_BY_MS }
      case 'out-of-order':
        return this.#choice === 'column'
          ? record
          : { ...record, shiftMs: record.shiftMs - 1 - Math.floor(this.#extent(number) * OLDER_BY_MS_MAX) }
      case 'duplicates':
        return record
    }
  }

  #extent(number: number): number {
    return seededFraction(this.#plan.seed, EXTENT_SALT, number)
  }
}

const withWrongNames = (members: string): string =>
  [...jsonMembers(`{${members.slice(0, -1)}}`)]
    .map(([name, text]) => `${JSON.stringify(`${WRONG_PREFIX}${name}`)}:${text},`)
    .join('')
