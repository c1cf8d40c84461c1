import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createJsonDecoder } from '#dataplane/decoding/decoder.ts'
import { SampleSource } from '#dataplane/sources/sample/sample-source.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { systemClock } from '#foundation/time/clock.ts'
import type { Schema } from '#language/schemas/schema.ts'
import { type EmulationReport, type EmulationSpec, emulate } from './emulate.ts'
import type { Fault } from './fault-injector.ts'
import { Feed } from './feed.ts'
import { Patience } from './patience.ts'
import type { RecordReceiver } from './record-receiver.ts'
import { RememberingReceiver } from './remembering-receiver.fixture.ts'
import { asFastAsPossible, FixedRate } from './schedule.ts'

const schema: Schema = {
  name: 'reading',
  fields: [
    { name: 'number', type: { kind: 'int' }, nullable: true },
    { name: 'at', type: { kind: 'timestamp' }, nullable: false },
  ],
}
const ID = 'emulate:f'
const AWAY = new MysimbdpError('MSB_PLATFORM_NOT_FOUND', 'nothing answers')
const options = { records: 5000, seed: 1, date: '2024-04-13', timeZone: 'UTC', faults: 0 }
/** Every fifth record is older than those before it, and every 97th cannot be read. */
const line = (number: number): string =>
  number % 97 === 0 ? 'broken' : JSON.stringify({ number, at: 1_700_000_000_000 + (number - (number % 5) * 3) * 1000 })
const lines = Array.from({ length: options.records }, (_, number) => line(number))

function feed(faults: readonly Fault[] = []): Feed {
  return new Feed({
    sources: [new SampleSource('s', { defaults: options, generate: () => lines }, options)],
    decoderOf: () => createJsonDecoder({ schema, eventTime: 'at', timeZone: 'UTC' }),
    schema,
    eventTime: 'at',
    eventTimeChoice: 'column',
    dropIncomplete: false,
    sort: true,
    faults: { faults, seed: 1, from: 0, to: Number.POSITIVE_INFINITY },
  })
}

const run = (receiver: RecordReceiver, more: Partial<EmulationSpec> = {}): Promise<EmulationReport> =>
  emulate({
    feed: feed(),
    runId: 'f',
    receiver,
    schedule: asFastAsPossible,
    chunkRecords: 300,
    eventTime: 'at',
    eventTimeChoice: 'column',
    again: false,
    clock: systemClock,
    patience: new Patience({ clock: systemClock, limitMs: 10_000 }),
    ...more,
  })

/** What a receiver that never fails gets. */
async function undisturbed(): Promise<readonly string[]> {
  const receiver = new RememberingReceiver()
  await run(receiver)
  return receiver.received.get(ID)!
}

/** Fails the calls with these numbers, counted over the whole life of the receiver. */
function failingAt(numbers: readonly number[], error = AWAY): RememberingReceiver['failure'] {
  let call = 0
  return () => (numbers.includes(call++) ? error : null)
}

describe('an emulation', () => {
  it('sends every record once, those that cannot be read too, in the order of event time', async () => {
    const sent = await undisturbed()
    assert.equal(sent.length, lines.length)
    const times = sent.filter((text) => text !== 'broken').map((text) => JSON.parse(text).at as number)
    assert.deepEqual(
      times,
      [...times].sort((a, b) => a - b),
    )
    assert.deepEqual(sent.filter((text) => text !== 'broken').sort(), lines.filter((text) => text !== 'broken').sort())
  })

  it('neither loses nor repeats a record when the receiver goes away before or after it took a request', async () => {
    const expected = await undisturbed()
    const receiver = new RememberingReceiver()
    receiver.failure = failingAt([0, 1, 3, 4, 6, 9, 12, 14, 20, 21, 22])
    const report = await run(receiver)
    assert.deepEqual(receiver.received.get(ID), expected)
    assert.equal(report.accepted + report.alreadyReceived, expected.length)
    assert.ok(report.alreadyReceived > 0)
  })

  it('goes on where the log stands after it was ended at any moment', async () => {
    const expected = await undisturbed()
    const receiver = new RememberingReceiver()
    const end = new MysimbdpError('MSB_INTERNAL', 'killed')
    for (const call of [2, 3, 5, 8, 11]) {
      receiver.failure = failingAt([call], end)
      await assert.rejects(run(receiver, { chunkRecords: 50 * call }), { message: 'killed' })
    }
    receiver.failure = () => null
    const report = await run(receiver)
    assert.ok(report.firstSequence > 0)
    assert.deepEqual(receiver.received.get(ID), expected)
  })

  it('goes on from the sequence it is told when a receiver that is busy takes only a part', async () => {
    const expected = await undisturbed()
    const receiver = new RememberingReceiver()
    let request = 0
    receiver.takes = (records) => (request++ % 2 === 0 ? { records: Math.floor(records / 3), pauseMs: 1 } : { records })
    await run(receiver)
    assert.deepEqual(receiver.received.get(ID), expected)
  })

  it('goes on after the trouble of a receiver, which took a part or nothing, and gives up when it lasts', async () => {
    const expected = await undisturbed()
    const receiver = new RememberingReceiver()
    const failure = new MysimbdpError('MSB_DISK_FULL', 'no space')
    let request = 0
    receiver.takes = (records) =>
      [{ records }, { records: 10, pauseMs: 1, failure }, { records: 0, pauseMs: 1, failure }][request++ % 3]!
    await run(receiver)
    assert.deepEqual(receiver.received.get(ID), expected)
    const full = new RememberingReceiver()
    full.takes = () => ({ records: 0, pauseMs: 1, failure })
    const patience = new Patience({ clock: systemClock, limitMs: 200 })
    await assert.rejects(run(full, { patience }), { code: 'MSB_DISK_FULL' })
  })

  it('sends fewer records at once when they are too many, and gives up when one is', async () => {
    const expected = await undisturbed()
    const receiver = new RememberingReceiver()
    const error = new MysimbdpError('MSB_INPUT_UNREADABLE', 'too much')
    receiver.takes = (records) => (records > 40 ? { records: 0, tooLarge: error } : { records })
    await run(receiver)
    assert.deepEqual(receiver.received.get(ID), expected)
    assert.ok(receiver.requestRecords.slice(10).every((records) => records <= 40))
    const strict = new RememberingReceiver()
    strict.takes = () => ({ records: 0, tooLarge: error })
    await assert.rejects(run(strict), error)
  })

  it('says that a finished feed was sent before, and repeats it only when asked, as another producer', async () => {
    const receiver = new RememberingReceiver()
    await run(receiver)
    assert.deepEqual([(await run(receiver)).wasFinished, receiver.received.get(ID)!.length], [true, lines.length])
    receiver.failure = failingAt([6], new MysimbdpError('MSB_INTERNAL', 'killed'))
    await assert.rejects(run(receiver, { again: true }))
    assert.ok(receiver.received.get(`${ID}#2`)!.length < lines.length)
    receiver.failure = () => null
    // The same command goes on with the repetition that was interrupted.
    assert.equal((await run(receiver, { again: true })).producerId, `${ID}#2`)
    assert.deepEqual(receiver.received.get(`${ID}#2`), receiver.received.get(ID))
    assert.equal((await run(receiver, { again: true })).producerId, `${ID}#3`)
    assert.equal((await run(receiver)).wasFinished, true)
  })

  it('ends when another instance takes over', async () => {
    const receiver = new RememberingReceiver()
    let sends = 0
    receiver.failure = (call) => {
      if (call === 'send' && ++sends === 3) void receiver.openProducer(ID)
      return null
    }
    await assert.rejects(run(receiver), { code: 'MSB_LOG_PRODUCER_FENCED' })
  })

  it('says so when the log was replaced by an older one while it was sent to', async () => {
    const receiver = new RememberingReceiver()
    let sends = 0
    receiver.failure = (call) => {
      if (call !== 'send' || ++sends !== 5) return null
      receiver.received.get(ID)!.length = 100
      return AWAY
    }
    await assert.rejects(run(receiver), {
      code: 'MSB_LOG_SEQUENCE_GAP',
      message: /goes on with record 100, .* before 1200/,
    })
    assert.equal((await run(receiver)).firstSequence, 100)
  })

  it('gives up when the receiver stays away, and says for how long it waited', async () => {
    const receiver = new RememberingReceiver()
    receiver.failure = () => AWAY
    const away: string[] = []
    const onAway = ({ message }: MysimbdpError): void => void away.push(message)
    const patience = new Patience({ clock: systemClock, limitMs: 300, onAway })
    await assert.rejects(run(receiver, { patience }), {
      code: 'MSB_PLATFORM_NOT_FOUND',
      message: 'nothing answers; it did not pass within 300 milliseconds',
    })
    assert.ok(away.length >= 2)
  })

  it('sends the same records with faults, whatever the size of requests', async () => {
    const faults = [
      { kind: 'duplicates', share: 0.1 },
      { kind: 'out-of-order', share: 0.2 },
    ] as const
    const all: (readonly string[])[] = []
    for (const chunkRecords of [1000, 77]) {
      const receiver = new RememberingReceiver()
      receiver.failure = failingAt([7, 9])
      await run(receiver, { feed: feed(faults), chunkRecords })
      all.push(receiver.received.get(ID)!)
    }
    assert.ok(all[0]!.length > lines.length)
    assert.deepEqual(all[0], all[1])
  })

  it('lets records that become due together travel together, and waits for none', async () => {
    const receiver = new RememberingReceiver()
    const report = await run(receiver, { schedule: new FixedRate(systemClock, 20_000) })
    assert.equal(report.nextSequence, lines.length)
    assert.ok(receiver.requestRecords.length < 60 && Math.max(...receiver.requestRecords) <= 300)
  })
})
