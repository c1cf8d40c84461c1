import { incompatibilities } from '#language/schemas/avro/avro-compatibility.ts'
import type { AvroType } from '#language/schemas/avro/avro-type.ts'

/**
 * What the next version of a subject must be. BACKWARD: who reads with it can read what was written with the version before; FORWARD: who
 * reads with the version before can read what is written with it; FULL: both. TRANSITIVE: with all versions before.
 */
export const compatibilityLevels = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const

export type CompatibilityLevel = (typeof compatibilityLevels)[number]

export const DEFAULT_LEVEL: CompatibilityLevel = 'BACKWARD'

export const isCompatibilityLevel = (text: unknown): text is CompatibilityLevel =>
  compatibilityLevels.includes(text as CompatibilityLevel)

export const isTransitive = (level: CompatibilityLevel): boolean => level.endsWith('_TRANSITIVE')

/** Why a schema may not follow the one before, in sentences that name fields. */
export function violations(level: CompatibilityLevel, next: AvroType, before: AvroType): readonly string[] {
  const [direction] = level.split('_')
  const backward = direction === 'BACKWARD' || direction === 'FULL' ? incompatibilities(next, before) : []
  const forward = direction === 'FORWARD' || direction === 'FULL' ? incompatibilities(before, next) : []
  return [
    ...backward.map((sentence) => `${sentence}, so that readers of the new version cannot read the old`),
    ...forward.map((sentence) => `${sentence}, so that readers of the old version cannot read the new`),
  ]
}
