const started = performance.now()

/** Says on stderr what the bench is doing: a person waits minutes for it. */
export function progress(text: string): void {
  const seconds = Math.round((performance.now() - started) / 1000)
  console.error(`[${String(Math.floor(seconds / 60)).padStart(2)}:${String(seconds % 60).padStart(2, '0')}] ${text}`)
}
