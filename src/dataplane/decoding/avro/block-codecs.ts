import { inflateRawSync, zstdDecompressSync } from 'node:zlib'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'

/** Most bytes of a block, compressed or not; writers use 16 KB to some MB. */
export const BLOCK_BYTES_MAX = 16 * 1024 * 1024

type Decompress = (block: Uint8Array) => Uint8Array

const CODECS: Readonly<Record<string, Decompress>> = {
  null: (block) => block,
  deflate: (block) => inflateRawSync(block, { maxOutputLength: BLOCK_BYTES_MAX }),
  zstandard: (block) => zstdDecompressSync(block, { maxOutputLength: BLOCK_BYTES_MAX }),
}

/** @throws MSB_INPUT_UNREADABLE for a codec that is not known here */
export function codecOf(name: string): Decompress {
  const codec = Object.hasOwn(CODECS, name) ? CODECS[name] : undefined
  if (codec === undefined)
    throw new MysimbdpError(
      'MSB_INPUT_UNREADABLE',
      `the blocks of the Avro input are compressed with '${name}', which cannot be read`,
      { hint: `Write it with one of the codecs ${Object.keys(CODECS).join(', ')}.` },
    )
  return codec
}
