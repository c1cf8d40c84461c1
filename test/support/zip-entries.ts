import { readFileSync } from 'node:fs'
import { inflateRawSync } from 'node:zlib'

/** The entries of a zip file, such as a jar, whose name passes. */
export function zipEntries(path: string, wanted: (name: string) => boolean): ReadonlyMap<string, Buffer> {
  const bytes = readFileSync(path)
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  const entries = new Map<string, Buffer>()
  for (let at = bytes.readUInt32LE(end + 16), left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    const [method, packed] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20)]
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset))
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength!)
    if (wanted(name)) entries.set(name, entryBytes(bytes, bytes.readUInt32LE(at + 42), packed, method))
    at += 46 + nameLength! + extraLength! + commentLength!
  }
  return entries
}

function entryBytes(bytes: Buffer, header: number, packed: number, method: number): Buffer {
  const start = header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28)
  const content = bytes.subarray(start, start + packed)
  return method === 0 ? content : inflateRawSync(content)
}
