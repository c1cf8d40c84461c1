import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type { FaultPoint } from '#foundation/faults/fault-points.ts'
import type { RunningCluster } from '#services/cluster/running-cluster.ts'
import { LISTENS, PlatformProcess, ProductProcess } from '../support/platform-process.ts'
import { withScratchFolder } from '../support/scratch-folder.ts'
import { Seeded } from '../support/seeded.ts'
import { startTestCluster, whyNoServers } from '../support/test-cluster.ts'
import { type Tick, ticksOf } from '../support/tick-results.ts'
import {
  assertServed,
  assertTickTables,
  assertTickTopics,
  configurationWith,
  SPREAD_TICKING,
  TICKING,
  type TickApp,
  untilCounted,
} from '../support/tick-topics.ts'

const PARTITIONS = (process.env.MYSIMBDP_PARTITIONS ?? '1,4').split(',').map(Number)
/** With each number of partitions. */
const KILLS = Number(process.env.MYSIMBDP_KILLS ?? 6)
const RECORDS = Number(process.env.MYSIMBDP_FIRE_RECORDS ?? (KILLS >= 20 ? 200_000 : 60_000))
/** The feed must outlast the kills; what is left of it then goes as fast as it can. */
const SECONDS_A_KILL = Number(process.env.MYSIMBDP_SECONDS_A_KILL ?? 40)
const RATE = `${Math.ceil(RECORDS / (KILLS * SECONDS_A_KILL))}/s`
/** Further hits lie in the middle of the work. */
const HIT_MAX = 5
/** A point that is not passed so long after the platform listens is not waited for: it is killed where it is. */
const PATIENCE_MS = 30_000

/** Below those that the system gives to anybody: while the platform is away nobody takes its port. */
const [PORT_MIN, PORT_MAX] = [21_000, 31_000]

const KINDS = ['kafka', 'cassandra', 'connect'] as const
type Server = (typeof KINDS)[number]

/**
 * Where the platform is killed, each in turn; and the servers, all of them among the first six. Without its data folder the platform restores everything, and is
 * killed while it does.
 */
const victims: readonly (FaultPoint | Server | 'anywhere')[] = [
  'ingest.transaction-sent',
  'cassandra',
  'job.changelog-sent',
  'kafka',
  'connect',
  'job.changelog-committed',
  'ingest.transaction-committed',
  'job.changelog-restored',
  'job.changelog-begun',
  'job.batch-processed',
  'job.results-written',
  'job.committed',
  'anywhere',
]

const killAtFault = pathToFileURL(join(import.meta.dirname, '../support/kill-at-fault.ts')).href

/** Costs a minute for the servers, about a quarter of a minute for each kill on two free cores, and a minute to judge. */
describe('exactly once under fire, from HTTP to Cassandra', { skip: await whyNoServers(KINDS) }, () => {
  let cluster: RunningCluster
  before(async () => {
    cluster = await startTestCluster({ servers: KINDS })
  })

  for (const partitions of PARTITIONS)
    it(`counts each of ${RECORDS} records on ${partitions} partitions once, through ${KILLS} kills`, async (test: TestContext) => {
      await withScratchFolder(async (folder) => {
        const seed = Number(process.env.MYSIMBDP_SEED ?? Date.now() % 1_000_000)
        const app = partitions === 1 ? TICKING : SPREAD_TICKING
        const configuration = configurationWith(partitions, { app, platformFile: cluster.platformFile, folder })
        const fire = new Fire(cluster, app, configuration, folder, seed)
        test.after(() => fire.end())
        const sent = ticksOf(RECORDS, seed)
        await fire.feed(sent)
        const what = `seed ${seed}, killed ${JSON.stringify(fire.killed)}`
        await untilCounted(fire.platform, app, RECORDS)
        const expected = await assertTickTopics(cluster.addresses.bootstrapServers[0]!, app, sent, partitions, what)
        await assertServed(fire.platform, app, expected, what)
        await assertTickTables(cluster.addresses.cqlPort, app, expected, what)
        test.diagnostic(what)
      })
    })
})

const isServer = (victim: string): victim is Server => KINDS.some((kind) => kind === victim)

/** A platform that is being fed and killed. */
class Fire {
  /** How often, by victim. */
  readonly killed: Record<string, number> = {}
  readonly #cluster: RunningCluster
  readonly #app: TickApp
  readonly #configuration: string
  readonly #folder: string
  readonly #random: Seeded
  readonly #port: number
  #platform: PlatformProcess | null = null
  #emulator: ProductProcess | null = null

  constructor(cluster: RunningCluster, app: TickApp, configuration: string, folder: string, seed: number) {
    this.#cluster = cluster
    this.#app = app
    this.#configuration = configuration
    this.#folder = folder
    this.#random = new Seeded(seed)
    this.#port = this.#random.between(PORT_MIN, PORT_MAX)
  }

  get platform(): PlatformProcess {
    return this.#platform!
  }

  /** Sends the records, and kills meanwhile. Afterwards a platform runs that nobody kills. */
  async feed(ticks: readonly Tick[]): Promise<void> {
    const input = join(this.#folder, 'ticks.ndjson')
    writeFileSync(input, ticks.map((tick) => `${JSON.stringify(tick)}\n`).join(''))
    this.#platform = await this.#start()
    this.#emulator = this.#emulate(input, RATE)
    for (let kill = 0; kill < KILLS; kill++) await this.#kill(victims[kill % victims.length]!)
    if (this.#platform.hasEnded) this.#platform = await this.#start()
    await this.#emulator.kill()
    const emulator = this.#emulate(input, 'max')
    this.#emulator = emulator
    assert.equal(await emulator.ended(), 0, `${JSON.stringify(this.killed)}\n${emulator.said}\n${this.#platform.said}`)
  }

  /** Goes on where the one before was. */
  #emulate(input: string, rate: string): ProductProcess {
    const how = ['--rate', rate, '--chunk', '100', '--no-sort', '--allow-future', '--wait', '10 minutes', '--json']
    const { url } = this.#platform!
    return new ProductProcess(['emulate', this.#app.folder, '--url', url, ...how, '--input', input])
  }

  async #kill(victim: FaultPoint | Server | 'anywhere'): Promise<void> {
    const emulator = this.#emulator!
    const why = emulator.child.exitCode === 0 ? 'raise MYSIMBDP_SECONDS_A_KILL' : emulator.said
    assert.ok(!emulator.hasEnded, `the feed ended before the kills did, ${JSON.stringify(this.killed)}: ${why}`)
    if (victim === 'anywhere' || isServer(victim)) {
      if (this.#platform!.hasEnded) this.#platform = await this.#start()
      await delay(this.#random.between(500, 3000))
      await (victim === 'anywhere' ? this.#platform!.kill() : this.#cluster.restart(`${victim}-1`))
      this.#count(victim)
    } else {
      // The one before goes where it is; the next ends by itself.
      await this.#platform!.kill()
      if (victim === 'job.changelog-restored') rmSync(this.#data, { recursive: true, force: true })
      await this.#runTo(victim)
    }
  }

  async #runTo(point: FaultPoint): Promise<void> {
    const hit = point === 'job.changelog-restored' ? 1 : this.#random.between(1, HIT_MAX)
    const env = { ...process.env, NODE_OPTIONS: `--import=${killAtFault}`, MYSIMBDP_KILL_AT: `${point}:${hit}` }
    const platform = PlatformProcess.begin(this.#data, [this.#app.folder], { ...this.#options, env })
    this.#platform = platform
    await Promise.race([platform.ended(), platform.says(LISTENS).catch(() => {})])
    const patience = delay(PATIENCE_MS, 'waited', { ref: false })
    const isPassed = (await Promise.race([platform.ended(), patience])) !== 'waited'
    await platform.kill()
    assert.equal(platform.child.signalCode, 'SIGKILL', platform.said)
    this.#count(isPassed ? point : 'anywhere')
  }

  #count(victim: string): void {
    this.killed[victim] = (this.killed[victim] ?? 0) + 1
  }

  #start(): Promise<PlatformProcess> {
    return PlatformProcess.start(this.#data, [this.#app.folder], this.#options)
  }

  get #options() {
    return { args: ['--config', this.#configuration], port: this.#port }
  }

  get #data(): string {
    return join(this.#folder, 'data')
  }

  async end(): Promise<void> {
    await this.#platform?.kill()
    await this.#emulator?.kill()
  }
}
