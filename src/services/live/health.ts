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
  if (job.state === 'recovering')
    sentences.push(
      `the job failed and is being started again (attempt ${job.restarts}): ${job.error?.message ?? 'unknown reason'}`,
    )
  for (const [stream, recent] of recentInputs) {
    const sentence = rejectionSentence(stream, recent, ' in the last minute')
    if (sentence !== null) sentences.push(sentence)
  }
  const status = job.state === 'failed' ? 'failed' : sentences.length > 0 ? 'degraded' : 'ok'
  return { app: app.plan.name, status, sentences }
}
