import type { SampleOptions, StreamSample } from '#language/query/stream.ts'
import { sourceContract } from '../source.contract.ts'
import { SampleSource } from './sample-source.ts'

const options: SampleOptions = { records: 20_000, seed: 1, date: '2024-04-13', timeZone: 'UTC', faults: 0 }
const sample: StreamSample = {
  defaults: options,
  *generate({ records, seed }) {
    for (let i = 0; i < records; i++) yield `{"n":${i * seed},"text":"ü"}`
  },
}
const content = new TextEncoder().encode(`${[...sample.generate(options)].join('\n')}\n`)

sourceContract(
  'a generated sample',
  content,
  async () => new SampleSource('s', sample, options),
  async () => new SampleSource('s', sample, { ...options, seed: 2 }),
)
