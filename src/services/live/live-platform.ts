import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { acquireFileLock, type FileLock } from '#foundation/sqlite/file-lock.ts'
import { type CheckpointThread, startCheckpointThread } from '#foundation/threads/checkpoint-thread.ts'
import { keepNewSpaceSmall } from '#foundation/threads/new-space.ts'
import { OneAtATime } from '#foundation/threads/one-at-a-time.ts'
import { type AppPlan, streamsOf } from '#language/plan/plan.ts'
import { requireSupport } from '#language/plan/unsupported-parts.ts'
import type { App } from '#language/query/app.ts'
import { appToJson } from '../apps/app-document.ts'
import { catalogRegistry } from '../catalog/catalog-registry.ts'
import { catalogFile, SchemaCatalog } from '../catalog/schema-catalog.ts'
import type { SchemaRegistry } from '../catalog/schema-registry.ts'
import { registerStreams, requireCompatibleStreams } from '../catalog/stream-schemas.ts'
import type { ConnectorFacts } from '../connect/connector-watch.ts'
import { ServedApps } from '../connect/served-apps.ts'
import { topicOf } from '../runs/platform.ts'
import { AppFolder, type Deployment } from './app-folder.ts'
import {
  type DeploymentChoice,
  type DeploymentReport,
  deploymentReport,
  firstDeployment,
  type RecordShape,
  requireSameRecords,
} from './deployment-report.ts'
import { deployedOnBoard } from './kept-deployment.ts'
import { LiveApp } from './live-app.ts'
import type { LiveAppContext } from './live-app-context.ts'

/** An app whose folder says nothing that can be used: the others run all the same. */
export interface BrokenApp {
  readonly name: string
  readonly error: MysimbdpError
}

/** All apps of one data folder, each with threads and files of its own. One process at a time runs a data folder. */
export class LivePlatform {
  readonly dataFolder: string
  readonly context: LiveAppContext
  /** Schemas that clients register here. */
  readonly catalog: SchemaCatalog
  /** Where streams are registered: the catalog, or another registry. */
  readonly #schemaRegistry: SchemaRegistry
  readonly #lock: FileLock
  readonly #apps = new Map<string, LiveApp>()
  readonly #broken = new Map<string, BrokenApp>()
  readonly #deployments = new OneAtATime()
  readonly #served: ServedApps | null
  readonly #checkpoints: CheckpointThread = startCheckpointThread()

  private constructor(dataFolder: string, lock: FileLock, catalog: SchemaCatalog, context: LiveAppContext) {
    this.dataFolder = dataFolder
    this.#lock = lock
    this.context = context
    const { serving } = context.platform
    this.#served = serving === undefined ? null : new ServedApps((plan) => serving.newConnectors(plan))
    this.catalog = catalog
    this.#schemaRegistry = context.schemaRegistry ?? catalogRegistry(catalog)
  }

  /**
   * Starts what was deployed before. An app that cannot run does not keep the others from it.
   * @throws MSB_DATA_FOLDER_LOCKED, MSB_STORAGE_FAILED, MSB_CATALOG_DAMAGED
   */
  static async open(dataFolder: string, context: LiveAppContext): Promise<LivePlatform> {
    keepNewSpaceSmall()
    try {
      mkdirSync(dataFolder, { recursive: true })
    } catch (cause) {
      throw new MysimbdpError('MSB_STORAGE_FAILED', `'${dataFolder}' cannot be used: ${(cause as Error).message}`, {
        cause,
      })
    }
    const lock = acquireFileLock(join(dataFolder, 'lock.db'), `the data folder '${dataFolder}'`)
    const platform = new LivePlatform(dataFolder, lock, openCatalog(dataFolder, lock), context)
    for (const folder of AppFolder.all(dataFolder)) platform.#openApp(folder)
    for (const { app } of platform.#apps.values()) platform.#served?.start(app.plan)
    await Promise.all([...platform.#apps.values()].map((live) => live.start()))
    return platform
  }

  /** What is known of the connectors that bring an app's results to where they are served from. */
  connectorFacts(app: string): readonly ConnectorFacts[] {
    return this.#served?.facts(app) ?? []
  }

  get apps(): ReadonlyMap<string, LiveApp> {
    return this.#apps
  }

  get broken(): readonly BrokenApp[] {
    return [...this.#broken.values()]
  }

  /**
   * Puts an app in place, or another version in the place of the one that is there. `dryRun`: only says what that would do.
   * @throws MSB_PLAN_UNSUPPORTED, MSB_KAFKA_TOPIC_MISMATCH, MSB_APP_MISMATCH, MSB_APP_CHANGED, MSB_SCHEMA_INCOMPATIBLE, MSB_REGISTRY_REFUSED, MSB_REGISTRY_UNAVAILABLE,
   * MSB_DISK_FULL, MSB_STORAGE_FAILED; nothing has changed then but, perhaps, what is registered
   */
  deploy(app: App, choice: DeploymentChoice, options: { readonly dryRun?: boolean } = {}): Promise<DeploymentReport> {
    return this.#deployments.run(() => this.#deploy(app, choice, options.dryRun ?? false))
  }

  async close(): Promise<void> {
    await Promise.all([...this.#apps.values()].map((live) => live.stop()))
    await this.#served?.close()
    await this.context.platform.serving?.close()
    await this.#checkpoints.stop()
    this.catalog.close()
    this.#lock.release()
  }

  async #deploy(app: App, choice: DeploymentChoice, dryRun: boolean): Promise<DeploymentReport> {
    const { name } = app.plan
    const folder = AppFolder.of(this.dataFolder, name)
    requireSupport(app.plan, this.context.platform.openEngine(folder.path).capabilities)
    this.context.platform.requireDeployable?.(app.plan)
    const live = this.#apps.get(name) ?? (await this.#knownElsewhere(folder))
    requireSameRecords(app.plan, await this.#knownRecords(folder, app.plan, live?.app.plan))
    if (live === undefined) {
      const report = firstDeployment(app.plan, choice)
      await this.#agreeOnSchemas(app.plan, dryRun)
      if (!dryRun) await this.#served?.deploy(app.plan)
      if (!dryRun) await this.#install(folder, { app, wanted: 'running', pending: report.pending })
      return report
    }
    return this.#redeploy(live, app, choice, dryRun)
  }

  async #redeploy(live: LiveApp, app: App, choice: DeploymentChoice, dryRun: boolean): Promise<DeploymentReport> {
    const { deployment } = live
    if (appToJson(deployment.app) !== appToJson(app)) live.role.requireActive()
    const report = deploymentReport(deployment.app.plan, app.plan, choice, deployment.pending)
    // An instance that stands by with the same version has nothing to do.
    if (!live.role.isActive) return report
    await this.#agreeOnSchemas(app.plan, dryRun)
    if (dryRun) return report
    await this.#served?.deploy(app.plan)
    await live.replace({ app, wanted: deployment.wanted, pending: report.pending })
    return report
  }

  /** An app that other instances have, or that this one had before its folder was lost. */
  async #knownElsewhere(folder: AppFolder): Promise<LiveApp | undefined> {
    const known = await deployedOnBoard(this.context.platform.deployments, folder.name)
    if (known === null) return undefined
    await this.#install(folder, known)
    return this.#apps.get(folder.name)
  }

  async #agreeOnSchemas(plan: AppPlan, dryRun: boolean): Promise<void> {
    await requireCompatibleStreams(this.#schemaRegistry, plan)
    if (!dryRun) await registerStreams(this.#schemaRegistry, plan)
  }

  async #install(folder: AppFolder, deployment: Deployment): Promise<void> {
    folder.write(deployment)
    this.#openApp(folder)
    await this.#apps.get(folder.name)?.start()
  }

  /** Of the streams of an app: as the version before says, and as the logs do, which know of versions before that. */
  async #knownRecords(
    folder: AppFolder,
    plan: AppPlan,
    before: AppPlan | undefined,
  ): Promise<Map<string, RecordShape>> {
    const known = new Map<string, RecordShape>(before === undefined ? [] : streamsOf(before))
    try {
      const topics = new Map([...streamsOf(plan).keys()].map((stream) => [topicOf(plan, stream), stream]))
      for (const reader of await this.context.platform.openLogReaders(folder.path)) {
        const stream = topics.get(reader.spec.topic)
        if (stream !== undefined) known.set(stream, reader.spec)
        await reader.close()
      }
    } catch (error) {
      // Without a log nothing is known; what a damaged log says comes to light when ingest opens it.
      if (!(error instanceof MysimbdpError)) throw error
    }
    return known
  }

  #openApp(folder: AppFolder): void {
    try {
      const deployment = folder.read()
      const { name } = deployment.app.plan
      this.#broken.delete(name)
      this.#apps.set(
        name,
        new LiveApp(folder, deployment, { ...this.context, onTakenOver: ({ plan }) => this.#served?.start(plan) }),
      )
    } catch (error) {
      if (!(error instanceof MysimbdpError)) throw error
      this.#broken.set(folder.name, { name: folder.name, error })
    }
  }
}

function openCatalog(dataFolder: string, lock: FileLock): SchemaCatalog {
  try {
    return new SchemaCatalog(catalogFile(dataFolder))
  } catch (error) {
    lock.release()
    throw error
  }
}
