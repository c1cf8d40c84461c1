import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Where a command writes: results on stdout, so that they can be piped; everything for people on stderr. */
export interface Terminal {
  /** Whether progress may redraw its line. */
  readonly interactive: boolean
  readonly columns: number
  out(text: string): void
  note(text: string): void
  /** Redraws the progress line; with an empty text it is gone. */
  progress(text: string): void
  /** Shows a text in place of the one before; absent where stdout is no terminal. */
  readonly redraw?: (text: string) => void
  style(style: Style, text: string): string
}

export const processTerminal: Terminal = {
  interactive: process.stderr.isTTY === true,
  columns: process.stdout.columns ?? 120,
  out: (text) => void process.stdout.write(text),
  note: (text) => void process.stderr.write(text),
  progress: (text) => {
    if (process.stderr.isTTY === true) process.stderr.write(`\r\x1b[2K${text}`)
  },
  ...(process.stdout.isTTY && { redraw: (text: string) => void process.stdout.write(`\x1b[H\x1b[J${text}`) }),
  style: (style, text) => styleText(style, text, { stream: process.stdout }),
}
