import { numbered, SyntheticDecoder, syntheticStream } from '../synthetic-records.contract.ts'
import { LocalBroker } from './local-broker.ts'

/** Appends the endless numbered stream as a producer, says after each batch how far it is acknowledged, and never ends. */
const [folder, segmentBytesMax] = process.argv.slice(2)
try {
  const broker = new LocalBroker({ folder, segmentBytesMax: Number(segmentBytesMax) })
  const log = await broker.openStream(syntheticStream())
  const { epoch, nextSequences } = await log.openProducer('meter')
  const decoder = new SyntheticDecoder()
  for (let sequence = nextSequences[0]; ; sequence += 20) {
    const decoded = decoder.decode(numbered(sequence, sequence + 20))
    await log.append({
      partition: 0,
      decoded,
      arrivalMs: 0,
      producer: { producerId: 'meter', epoch, baseSequence: sequence },
    })
    process.stdout.write(`${sequence + 20}\n`)
  }
} catch (error) {
  process.stdout.write(`${(error as { code?: string }).code}: ${(error as Error).message}\n`)
}
