import { createJsonDecoder, type StreamDecoderOptions } from '#dataplane/decoding/decoder.ts'
import { BatchCopier } from '#dataplane/records/copy-batch.ts'
import { readPart } from '#dataplane/sources/read-part.ts'
import { serveThread, threadData } from '#foundation/threads/thread.ts'
import { type BatchMessage, BatchSender } from '#services/runs/batch-message.ts'
import { type DecodingMethods, PARTS_AHEAD } from '#services/runs/parallel-decoding.ts'

/** Entry of a thread that decodes parts of NDJSON files. */
const BATCH_RECORDS = 4096
const NO_GUARD = { arrivalMs: 0, maxFutureSkewMs: null }
const LINE_FEED = Uint8Array.of(10)

const decoder = createJsonDecoder(threadData<StreamDecoderOptions>())
const sender = new BatchSender()
/** One for each batch of a part, of as many parts as may be on their way, and of the one that is being read. */
const memory: BatchCopier[][] = Array.from({ length: PARTS_AHEAD + 1 }, () => [])
let partsDecoded = 0

const methods: DecodingMethods = {
  decode: (part) => {
    const ofPart = memory[partsDecoded++ % memory.length]!
    const messages: BatchMessage[] = []
    const take = (least: number): void => {
      while (decoder.pending > least) {
        const copier = (ofPart[messages.length] ??= new BatchCopier('all threads'))
        messages.push(sender.message(copier.copy(decoder.take(BATCH_RECORDS, NO_GUARD)!)))
      }
    }
    // Only the first line of a file may begin with a byte order mark: an empty one stands before the lines of other parts.
    if (part.from > 0) decoder.write(LINE_FEED)
    for (const piece of readPart(part, () => decoder.room())) {
      decoder.write(piece)
      take(BATCH_RECORDS)
    }
    if (part.last) decoder.end()
    take(0)
    return messages
  },
}
serveThread(methods)
