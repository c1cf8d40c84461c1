import { existsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { durationMs } from '#foundation/time/duration.ts'
import { parseIsoDate } from '#language/schemas/time-text.ts'
import { SERVERS_OF_A_KIND_MAX, type ServerKind, serverKinds } from '#services/cluster/cluster-shape.ts'

/** Values of options, read and refused in one way by all commands. */

export function wholeNumber(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.')
  return Number(text)
}

export function positiveWholeNumber(text: string): number {
  const value = wholeNumber(text)
  if (value === 0) throw new InvalidArgumentError('It must be above 0.')
  return value
}

/** How many servers of a kind. */
export function serverCount(text: string): number {
  const value = positiveWholeNumber(text)
  if (value > SERVERS_OF_A_KIND_MAX) throw new InvalidArgumentError(`It must be at most ${SERVERS_OF_A_KIND_MAX}.`)
  return value
}

/** `kafka,connect` */
export function kindsOfServers(text: string): readonly ServerKind[] {
  const isKind = (name: string): name is ServerKind => (serverKinds as readonly string[]).includes(name)
  const names = text.split(',').map((name) => name.trim())
  if (!names.every(isKind)) throw new InvalidArgumentError(`It must be some of ${serverKinds.join(',')}.`)
  return names
}

export function portNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError('It must be a port, a whole number from 0 to 65535.')
  return Number(text)
}

export function share(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('It must be a number from 0 to 1.')
  return value
}

/** A local date, YYYY-MM-DD. */
export function localDate(text: string): string {
  if (parseIsoDate(text) === undefined) throw new InvalidArgumentError('It must be a date like 2024-04-13.')
  return text
}

export function notEmpty(text: string): string {
  if (text === '') throw new InvalidArgumentError('It must not be empty.')
  return text
}

/** A length of time in ms: `30 seconds`, `1m`. */
export function duration(text: string): number {
  try {
    return durationMs(text)
  } catch {
    throw new InvalidArgumentError("It must be a length of time like '30 seconds' or '1m'.")
  }
}

/** @throws MSB_CLI_USAGE when a file cannot be written there, before the work for it is done */
export function requireFolderOf(path: string): void {
  const folder = dirname(resolve(path))
  if (!existsSync(folder))
    throw new MysimbdpError('MSB_CLI_USAGE', `'${path}' cannot be written: there is no folder '${folder}'`, {
      hint: 'Create the folder first, or write to another one.',
    })
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
    throw new MysimbdpError('MSB_CLI_USAGE', `'${path}' cannot be written: it is a folder`, {
      hint: 'Give the name of a file in it.',
    })
}
