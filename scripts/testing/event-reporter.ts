import type { TestEvent } from 'node:test/reporters'
import { inspect } from 'node:util'

/** What a test process tells `run-stage.ts`, one JSON text a line. */
export type ReportedEvent =
  | { readonly kind: 'failed'; readonly test: string; readonly place: string; readonly error: string }
  | { readonly kind: 'skipped'; readonly test: string; readonly reason: string }
  | { readonly kind: 'said'; readonly text: string }
  | { readonly kind: 'counts'; readonly passed: number; readonly failed: number; readonly skipped: number }

/** A reporter for `node --test`: failures, skipped tests with their reason, what tests say (`diagnostic`), and at the end the counts. */
export default async function* eventReporter(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const errorOutput = new Map<string, string>()
  for await (const event of source) {
    if (event.type === 'test:stderr') {
      errorOutput.set(event.data.file, `${errorOutput.get(event.data.file) ?? ''}${event.data.message}`)
    }
    const reported = reportedEvent(event, errorOutput)
    if (reported !== null) yield `${JSON.stringify(reported)}\n`
  }
}

function reportedEvent({ type, data }: TestEvent, errorOutput: ReadonlyMap<string, string>): ReportedEvent | null {
  if (type === 'test:summary') return countsOf(data)
  if (type === 'test:fail' && !isOnlyAbove(data)) {
    const place = data.file === undefined ? '' : `${data.file}:${data.line ?? 1}`
    return {
      kind: 'failed',
      test: data.name,
      place,
      error: errorText(data.details.error, errorOutput.get(data.file ?? '')),
    }
  }
  if (type === 'test:pass' && data.skip !== undefined && data.skip !== false) {
    return { kind: 'skipped', test: data.name, reason: typeof data.skip === 'string' ? data.skip : '' }
  }
  // What belongs to no file the runner says of itself.
  if (type === 'test:diagnostic' && data.file !== undefined) return { kind: 'said', text: data.message }
  return null
}

type Data<T extends TestEvent['type']> = Extract<TestEvent, { type: T }>['data']

/** A summary without a file is that of the whole run. */
function countsOf({ file, counts }: Data<'test:summary'>): ReportedEvent | null {
  if (file !== undefined) return null
  const failed = counts.tests - counts.passed - counts.skipped - counts.todo
  return { kind: 'counts', passed: counts.passed, failed, skipped: counts.skipped }
}

/** A suite, or a file, that failed because a test inside did. */
const isOnlyAbove = ({ details }: Data<'test:fail'>): boolean =>
  (details.error as { failureType?: string } | undefined)?.failureType === 'subtestsFailed'

/** Of a file that could not even be loaded the runner says only that it failed; what it printed says why. */
const NO_REASON = 'test failed'

function errorText(error: unknown, errorOutput = ''): string {
  const cause = (error as { cause?: unknown } | undefined)?.cause ?? error
  if (cause === NO_REASON) return errorOutput
  if (cause instanceof Error) return cause.stack ?? cause.message
  return typeof cause === 'string' ? cause : inspect(cause)
}
