import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AppendRequest, StreamLog } from '#dataplane/brokers/broker.ts'
import { LocalBroker } from '#dataplane/brokers/local/local-broker.ts'
import { numbered, SyntheticDecoder, syntheticStream } from '#dataplane/brokers/synthetic-records.contract.ts'
import type { LoggedBatch } from '#dataplane/records/record-batch.ts'
import { withScratchFolder } from '../../../test/support/scratch-folder.ts'
import { FollowedLog } from './followed-log.ts'

const placeOf = ({ batch, ...place }: LoggedBatch) => ({ ...place, eventTimes: [...batch.eventTimes] })

/** All batches from an offset on, asked for as a job does. */
async function readAll(log: Pick<StreamLog, 'read'>, from: number, maxRecords: number) {
  const places: ReturnType<typeof placeOf>[] = []
  for (let offset = from; ; ) {
    const batches = await log.read(0, offset, maxRecords)
    if (batches.length === 0) return places
    places.push(...batches.map(placeOf))
    offset = batches.at(-1)!.baseOffset + batches.at(-1)!.received
  }
}

test('what a followed log has at hand is what the log holds, also after a restart that trims', () =>
  withScratchFolder(async (folder) => {
    const broker = new LocalBroker({ folder })
    try {
      const log = await broker.openStream(syntheticStream())
      const followed = new FollowedLog(log)
      const { producerId, epoch } = await followed.openProducer('run')
      const decoder = new SyntheticDecoder()
      const request = (from: number, to: number): AppendRequest => ({
        partition: 0,
        decoded: decoder.decode([...numbered(from + 1, to), 'bad']),
        arrivalMs: 7,
        producer: { producerId, epoch, baseSequence: from },
      })
      const appended = [request(20, 30), request(30, 45)]
      await followed.appendAll([request(0, 10), request(10, 20)])
      await followed.appendAll(appended)
      const [recent] = await followed.read(0, 20, 1000)
      assert.equal(recent!.batch, appended[0]!.decoded.batch, 'it is not read back')
      for (const maxRecords of [1, 10, 1000])
        assert.deepEqual(await readAll(followed, 0, maxRecords), await readAll(log, 0, maxRecords))
      // The first of these is known in part: the log has another batch than was sent.
      await followed.appendAll([request(40, 50), request(50, 60)])
      for (const from of [0, 45, 50])
        assert.deepEqual(await readAll(followed, from, 1000), await readAll(log, from, 1000))
    } finally {
      await broker.close()
    }
  }))
