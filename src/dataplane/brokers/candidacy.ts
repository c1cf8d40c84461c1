/**
 * Of all instances of the platform that have an app, one runs it and the others stand by. Who is active may change at any time; what the one before still writes is
 * refused by the broker, so this decides only who tries.
 */
export interface Candidacy {
  readonly isActive: boolean
  /** Gives way to another instance at once. */
  close(): Promise<void>
}
