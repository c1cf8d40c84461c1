import type { Mode } from './report/figure.ts'

/** What a bench is made of, by the name that `--only` takes. */
export type Cases<Run> = Readonly<Record<string, { readonly run: Run; readonly quick: boolean }>>

/**
 * Those to run, in their order.
 * @param only names, joined by commas; without it all, or those that are quick
 * @throws Error that names the cases there are
 */
export function chosenCases(cases: Cases<unknown>, mode: Mode, only: string | undefined): readonly string[] {
  const names = Object.keys(cases)
  if (only === undefined) return names.filter((name) => mode === 'full' || cases[name]!.quick)
  const chosen = only.split(',')
  const unknown = chosen.filter((name) => !names.includes(name))
  if (unknown.length > 0) throw new Error(`there is no case ${unknown.join(', ')}; there are ${names.join(', ')}`)
  return names.filter((name) => chosen.includes(name))
}
