import type { ErrorDomain } from '#foundation/errors/error-row.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { Terminal } from '../terminal.ts'

const EXIT_CODES: { readonly [D in ErrorDomain]: number } = { user: 2, external: 3, internal: 4 }

export const exitCodeOf = (domain: ErrorDomain): number => EXIT_CODES[domain]

/** An error as a person should read it: what, where, what to do. Only errors of ours that are bugs show a stack. */
export function errorText(error: unknown, terminal: Terminal): string {
  if (!(error instanceof MysimbdpError))
    return `${terminal.style('red', 'error')} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`
  const where = Object.entries(error.where).map(([name, value]) => `${name} ${value}`)
  const lines = [
    `${terminal.style('red', 'error')} ${error.message}`,
    ...(where.length === 0 ? [] : [`  where: ${where.join(', ')}`]),
    `  what to do: ${error.hint}`,
    terminal.style('dim', `  ${error.code}`),
  ]
  if (error.domain === 'internal') lines.push(error.stack ?? '')
  return `${lines.join('\n')}\n`
}
