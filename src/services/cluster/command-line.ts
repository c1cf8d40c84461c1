import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** The command line of a process, its arguments apart by blanks; null where there is no such process, or it is ending. */
export function commandLineOf(pid: number): string | null {
  const text = existsSync('/proc/self/cmdline') ? fromProc(pid) : fromPs(pid)
  return text.trim() === '' ? null : text
}

/** Of a process that has ended and was not waited for yet the file is empty. */
function fromProc(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

/** Where there is no /proc, as on macOS. */
function fromPs(pid: number): string {
  try {
    return execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' })
  } catch {
    return ''
  }
}
