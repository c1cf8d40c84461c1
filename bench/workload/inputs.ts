import { existsSync } from 'node:fs'
import { join } from 'node:path'
import taxi from '../../examples/chicago-taxi/app.ts'
import { progress } from '../measuring/progress.ts'
import { denseTrips, writeLines } from './dense-trips.ts'
import { hundredfoldKeys } from './hundredfold-keys.ts'

/**
 * Kinds of input. `disordered`: the dense load. `ordered`: the same, and no record can be late. `many-keys`: the same with a hundred times as many groups.
 * `sparse`: a day of the city as the generated sample has it.
 */
export type InputKind = 'disordered' | 'ordered' | 'many-keys' | 'sparse'

const SEED = 1

const lines: Readonly<Record<InputKind, (records: number) => Iterable<string>>> = {
  disordered: (records) => denseTrips({ records, seed: SEED, disordered: true }),
  ordered: (records) => denseTrips({ records, seed: SEED, disordered: false }),
  'many-keys': (records) => hundredfoldKeys(denseTrips({ records, seed: SEED, disordered: true }), SEED),
  sparse: (records) => {
    const sample = taxi.streams.ingestData!.sample!
    return sample.generate({ ...sample.defaults, records, faults: 0 })
  },
}

/** A file of generated trips, written where it is not there yet. Answers its path. */
export function inputFile(folder: string, kind: InputKind, records: number): string {
  const path = join(folder, `${kind}-${records}.ndjson`)
  if (existsSync(path)) return path
  progress(`writing ${records.toLocaleString('en-US')} ${kind} trips`)
  writeLines(path, lines[kind](records))
  return path
}
