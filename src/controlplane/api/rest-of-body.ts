import type { IncomingMessage } from 'node:http'

/** More than this of a body that was refused is not taken to save a connection. */
const DISCARDED_BYTES_MAX = 64 * 1024 ** 2

/** The pieces of a body. Who stops in the middle leaves the connection open, so that an answer can be given. */
export const piecesOf = (body: IncomingMessage): AsyncIterable<Uint8Array> =>
  body.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>

/**
 * Reads away what is left of a body that was answered before its end: its sender may have sent all of it, and would wait for ever for the
 * answer to the next request on this connection.
 */
export function discardRest(body: IncomingMessage): void {
  if (body.complete || body.destroyed) return
  let bytes = 0
  body.unpipe()
  body.on('data', (piece: Uint8Array) => {
    bytes += piece.length
    if (bytes > DISCARDED_BYTES_MAX) body.destroy()
  })
  // It may be cut off as well.
  body.on('error', () => {})
}
