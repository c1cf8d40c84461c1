/** One part of the project's checks. */
export interface Stage {
  readonly name: string
  /** What it holds, in a few words. */
  readonly what: string
  readonly work: Tool | TestFiles
  /** Left out of `npm test`: the command that runs it instead. */
  readonly command?: string
}

/** A program whose exit code says whether all is well. */
export interface Tool {
  readonly kind: 'tool'
  readonly program: string
  readonly arguments: readonly string[]
}

export interface TestFiles {
  readonly kind: 'tests'
  readonly globs: readonly string[]
  /** One process for all files: much faster for many small ones, and only for those that share nothing. */
  readonly oneProcess: boolean
  /** Test files that run at once; two where nothing is said. */
  readonly filesAtATime?: number
  /** For each test; 5 minutes where nothing is said. */
  readonly timeoutMs?: number
}

const tool = (program: string, ...args: readonly string[]): Tool => ({ kind: 'tool', program, arguments: args })
const together = (...globs: readonly string[]): TestFiles => ({ kind: 'tests', globs, oneProcess: true })
const apart = (...globs: readonly string[]): TestFiles => ({ kind: 'tests', globs, oneProcess: false })

export const stages: readonly Stage[] = [
  { name: 'compile', what: 'type check', work: tool('tsc', '-p', '.', '--pretty', 'false') },
  { name: 'lint', what: 'format and lint', work: tool('biome', 'check', '--error-on-warnings') },
  { name: 'tidy', what: 'house rules', work: together('test/tidy.test.ts', 'test/tidy/*.test.ts') },
  { name: 'types', what: 'what must not compile, in the words of a plan', work: together('test/types/*.test.ts') },
  { name: 'golden', what: 'explained plans, plan JSON, messages', work: together('test/golden/*.test.ts') },
  { name: 'oracle', what: 'the corpus by the rules alone', work: together('test/oracle/*.test.ts') },
  {
    name: 'unit',
    what: 'each part by itself',
    work: apart(
      'src/**/*.test.ts',
      'examples/**/*.test.ts',
      'scripts/**/*.test.ts',
      'bench/**/*.test.ts',
      'test/support/*.test.ts',
    ),
  },
  { name: 'differential', what: 'the corpus on each engine', work: apart('test/differential/*.test.ts') },
  { name: 'real', what: 'real files against SQL by hand', work: apart('test/real/*.test.ts') },
  {
    name: 'product',
    what: 'bad input and broken folders, through the real process',
    work: apart('test/product/*.test.ts'),
  },
  { name: 'live', what: 'the live platform, also when it is killed', work: apart('test/live/*.test.ts') },
  { name: 'browser', what: 'the live page in a real Chromium', work: apart('test/browser/*.test.ts') },
  { name: 'simulation', what: 'five seeded histories against the oracle', work: apart('test/simulation/*.test.ts') },
  {
    name: 'crash',
    what: 'a fault at every fault point',
    work: apart('test/crash/*.test.ts'),
    command: 'npm run test:crash',
  },
  {
    name: 'kills',
    what: 'the live platform and its emulator under kill -9, with real days',
    work: apart('test/kills/*.test.ts'),
    command: 'npm run test:kills',
  },
  {
    name: 'isolation',
    what: "one tenant's troubles are not another's: results and latency",
    work: apart('test/isolation/*.test.ts'),
    command: 'npm run test:isolation',
  },
  {
    name: 'cluster',
    what: 'the real servers: Kafka, Cassandra, Connect',
    // Servers of one file are enough for two cores, and take minutes to start on busy ones.
    work: { ...apart('test/cluster/*.test.ts'), filesAtATime: 1, timeoutMs: 900_000 },
    command: 'npm run test:cluster',
  },
  {
    name: 'fire',
    what: 'exactly once from HTTP to Cassandra while platform, Kafka, Connect, Cassandra and Spark are killed',
    work: { ...apart('test/fire/*.test.ts'), filesAtATime: 1, timeoutMs: 1_800_000 },
    command: 'npm run test:fire',
  },
  {
    name: 'spark',
    what: 'the corpus and random plans on a real Spark',
    // One test runs 150 random plans.
    work: { ...apart('test/spark/*.test.ts'), timeoutMs: 1_800_000 },
    command: 'npm run test:differential',
  },
]

/** What is no stage, but belongs to knowing the product. */
export const elsewhere: readonly { readonly name: string; readonly command: string }[] = [
  { name: 'more seeds', command: 'npm run simulate -- --seeds 60' },
  { name: 'bench', command: 'npm run bench' },
  { name: 'load', command: 'npm run bench:live' },
]

/**
 * The stages to run: those named, or all that `npm test` is made of.
 * @throws Error that names the stages there are
 */
export function chosenStages(names: readonly string[]): readonly Stage[] {
  if (names.length === 0) return stages.filter(({ command }) => command === undefined)
  const unknown = names.filter((name) => !stages.some((stage) => stage.name === name))
  if (unknown.length > 0) {
    throw new Error(`there is no stage ${unknown.join(', ')}; there are ${stages.map(({ name }) => name).join(', ')}`)
  }
  return stages.filter(({ name }) => names.includes(name))
}
