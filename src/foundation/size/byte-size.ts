import { MysimbdpError } from '../errors/mysimbdp-error.ts'

const UNIT_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
}

/** A number of bytes as people write it, `'500 MB'` or `'256 MiB'`. @throws MSB_QUERY_INVALID */
export function byteSize(text: string): number {
  const [, digits, unit = 'B'] = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)?$/.exec(text.trim()) ?? []
  const bytes = Number(digits) * (UNIT_BYTES[unit] ?? Number.NaN)
  if (!Number.isSafeInteger(bytes) || bytes === 0)
    throw new MysimbdpError('MSB_QUERY_INVALID', `'${text}' is no size; write it like '500 MB' or '10 GiB'`)
  return bytes
}

/** For people, in decimal units with three digits: `1.23 GB`. */
export function byteText(bytes: number): string {
  const [unit, size] = (
    [
      ['TB', 1e12],
      ['GB', 1e9],
      ['MB', 1e6],
      ['KB', 1e3],
    ] as const
  ).find(([, unitBytes]) => bytes >= unitBytes) ?? ['B', 1]
  return `${size === 1 ? bytes : Number((bytes / size).toPrecision(3))} ${unit}`
}
