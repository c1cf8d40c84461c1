import type { ServerKind } from './cluster-shape.ts'
import type { Installation } from './installation.ts'
import type { Address } from './ports.ts'

/** A program with its arguments, and the folder it runs in. */
export interface Launch {
  readonly program: string
  readonly arguments: readonly string[]
  readonly folder: string
}

/** One server of a cluster: what it needs and how one sees that it is ready. */
export interface Server {
  /** `kafka-1` */
  readonly name: string
  readonly kind: ServerKind
  /** Its configuration and data. The path stands in the command line of its process, which is known by it. */
  readonly folder: string
  /** Where clients reach it. */
  readonly address: Address
  /** All it listens on. */
  readonly listens: readonly Address[]
  /** Names of the servers that must be ready before it starts, where they are wanted at all. */
  readonly after: readonly string[]
  /** Writes its configuration; answers what to run. */
  prepare(installation: Installation): Promise<Launch>
  /** Whether it serves clients; `log` is what it has logged since it started. */
  isReady(log: string): Promise<boolean>
}
