import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { documentDifferences } from './document-differences.ts'
import { expectedEarthquakes } from './earthquakes.sql.ts'
import type { RunMode } from './hand-sql.ts'
import { sortEarthquakes } from './sort-earthquakes.ts'
import { expectedShifts, expectedTrips } from './trips.sql.ts'

/** Real files through the whole product, against the same questions asked in SQL by hand. */

const repository = fileURLToPath(new URL('../../', import.meta.url))
const dataFolder = process.env.MYSIMBDP_DATA ?? join(repository, '../shared/data')
const OUTPUT_MAX_BYTES = 256 * 1024 * 1024

interface RealInput {
  readonly example: string
  readonly modes: readonly RunMode[]
  readonly stream: string
  /** Fields whose values are doubles that were computed. */
  readonly doubles: ReadonlySet<string>
  readonly expected: (path: string, mode: RunMode) => Promise<string>
  /** Makes what the product reads from the file as it was published, alone in a temporary folder; null: it reads that file. */
  readonly sorted: ((path: string) => string) | null
}

/** Questions about the files of a folder. */
const questions: readonly (RealInput & { readonly folder: string })[] = [
  {
    folder: 'trips',
    example: 'examples/chicago-taxi',
    modes: ['bounded', 'as-stream'],
    stream: 'ingestData',
    doubles: new Set(),
    expected: expectedTrips,
    sorted: null,
  },
  {
    folder: 'trips',
    example: 'test/real/shifts',
    modes: ['bounded'],
    stream: 'ingestData',
    doubles: new Set(),
    expected: expectedShifts,
    sorted: null,
  },
  {
    folder: 'second-tenant',
    example: 'examples/earthquakes',
    modes: ['bounded', 'as-stream'],
    stream: 'quakes',
    doubles: new Set(['mag_avg', 'mag_sum', 'rms_avg']),
    expected: expectedEarthquakes,
    sorted: sortEarthquakes,
  },
]

const filesIn = (folder: string): readonly string[] =>
  existsSync(join(dataFolder, folder))
    ? readdirSync(join(dataFolder, folder))
        .filter((name) => /\.csv(\.gz)?$/.test(name))
        .sort()
    : []

const inputs = questions.flatMap(({ folder, ...input }) =>
  filesIn(folder).map((name) => ({ name, path: join(dataFolder, folder, name), input })),
)

async function run(input: RealInput, path: string, mode: RunMode): Promise<string> {
  const args = [
    'bin/mysimbdp.js',
    'run',
    input.example,
    '--input',
    `${input.stream}=${path}`,
    '--format',
    'json',
    ...(mode === 'as-stream' ? ['--as-stream'] : []),
  ]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: repository, maxBuffer: OUTPUT_MAX_BYTES })
  return stdout
}

const absent =
  inputs.length > 0
    ? false
    : `there are no real files in ${dataFolder}; set MYSIMBDP_DATA to the folder that holds trips/ and second-tenant/`

describe('real files through the product', () => {
  it('has real files to read', { skip: process.env.CI === 'true' ? false : absent }, (test) => {
    assert.ok(inputs.length > 0, String(absent))
    test.diagnostic(`${inputs.length} real files from ${dataFolder}`)
  })

  for (const { name, path, input } of inputs) {
    describe(`${name}, ${input.example}`, () => {
      const readPath = input.sorted === null ? path : input.sorted(path)
      after(() => {
        if (readPath !== path) rmSync(dirname(readPath), { recursive: true })
      })
      for (const mode of input.modes) {
        it(`agrees with SQL by hand, ${mode}`, async () => {
          const [expected, actual] = [await input.expected(readPath, mode), await run(input, readPath, mode)]
          assert.deepEqual(documentDifferences(expected, actual, input.doubles), [])
        })
      }
    })
  }
})
