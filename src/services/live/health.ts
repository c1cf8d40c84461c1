import { type InputCounts, rejectionSentence } from '../runs/rejection-sentence.ts'
import type { LiveApp } from './live-app.ts'

/** How an app is: `ok`, or what is wrong in sentences that a person understands. */
export interface AppHealth {
  readonly app: string
  readonly status: 'ok' | 'degraded' | 'failed'
  readonly sentences: readonly string[]
}

export function healthOf({ app, job }: LiveApp, recentInputs: ReadonlyMap<string, InputCounts>): AppHealth {
  const sentences: string[] = []
  if (job.state === 'failed') sentences.push(`the job has stopped: ${job.error?.message ?? 'unknown reason'}`)
  if (job.state === 'must-rebuild')
    sentences.push(`the job has stopped until its queries are rebuilt from the log: ${job.error!.message}`)
  if (job.state === 'recovering')
    sentences.push(
      `the job failed and is being started again (attempt ${job.restarts}): ${job.error?.message ?? 'unknown reason'}`,
    )
  for (const [stream, recent] of recentInputs) {
    const sentence = rejectionSentence(stream, recent, ' in the last minute')
    if (sentence !== null) sentences.push(sentence)
  }
  const stopped = job.state === 'failed' || job.state === 'must-rebuild'
  const status = stopped ? 'failed' : sentences.length > 0 ? 'degraded' : 'ok'
  return { app: app.plan.name, status, sentences }
}
