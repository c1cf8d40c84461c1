import type { SinkDeadLetter } from '#services/connect/sink-dead-letters.ts'
import { PlatformClient } from '../../client/platform-client.ts'
import { count, plural } from '../output/progress-line.ts'
import { newTable } from '../output/table.ts'
import { visibleText } from '../output/visible-text.ts'
import type { Terminal } from '../terminal.ts'
import { type DeadLetterPlace, findStreams } from './dead-letter-view.ts'

interface RefusedRows {
  readonly count: number
  readonly deadLetters: readonly SinkDeadLetter[]
  readonly next: number | null
}

const REASON_CHARACTERS = 200

/** Rows of the app's queries that the serving store did not take, query by query; nothing where there are none. */
export async function refusedRowsText(
  place: DeadLetterPlace & { readonly limit: number },
  terminal: Terminal,
): Promise<string> {
  const client = PlatformClient.find(place)
  const { app } = await findStreams(place)
  const path = `/v1/apps/${encodeURIComponent(app)}`
  const { queries } = await client.get<{ readonly queries: readonly { readonly name: string }[] }>(path)
  const texts: string[] = []
  for (const { name } of queries) {
    const found = await client.get<RefusedRows>(
      `${path}/queries/${encodeURIComponent(name)}/dead-letters?limit=${place.limit}`,
    )
    if (found.deadLetters.length > 0) texts.push(textOf(name, found, terminal))
  }
  return texts.join('')
}

function textOf(query: string, { count: all, deadLetters, next }: RefusedRows, terminal: Terminal): string {
  const table = newTable(['offset', 'at', 'stage', 'reason', 'key'], ['right', 'left', 'left', 'left', 'left'])
  for (const { offset, at, stage, reason, key } of deadLetters)
    table.push([offset, at, stage, visibleText(reason.slice(0, REASON_CHARACTERS)), visibleText(key ?? '')])
  const total = Math.max(all, deadLetters.length)
  const more = next === null ? '' : `  … and ${count(total - deadLetters.length)} more; --limit shows more\n`
  const heading = `${terminal.style('bold', query)}: ${plural(total, 'row', 'rows')} that the store did not take\n`
  return `${heading}${table.toString()}\n${more}`
}
