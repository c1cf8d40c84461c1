import type { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { Clock } from '#foundation/time/clock.ts'
import { formatTimestamp } from '#language/schemas/value-text.ts'
import type { EmulationProgress, EmulationReport } from '#services/emulation/emulate.ts'
import type { Feed } from '#services/emulation/feed.ts'
import type { Terminal } from '../terminal.ts'
import { count, plural } from './progress-line.ts'
import { visibleText } from './visible-text.ts'

const REDRAW_MS = 100

/** One line that says how far an emulation is. */
export class EmulationProgressLine {
  readonly #terminal: Terminal
  readonly #clock: Clock
  readonly #feed: Feed
  readonly #timeZone: string
  readonly #startedMs: number
  #drawnMs = Number.NEGATIVE_INFINITY
  #isAway = false

  constructor(terminal: Terminal, clock: Clock, feed: Feed, timeZone: string) {
    this.#terminal = terminal
    this.#clock = clock
    this.#feed = feed
    this.#timeZone = timeZone
    this.#startedMs = clock.monotonicMs()
  }

  sorting(records: number): void {
    if (this.#isDue()) this.#terminal.progress(`reading and sorting · ${plural(records, 'record', 'records')}`)
  }

  sending(progress: EmulationProgress): void {
    this.#isAway = false
    if (!this.#isDue()) return
    const { accepted, rejected, alreadyReceived, nextSequence, firstSequence, eventTimeMs } = progress
    const seconds = this.seconds
    const sent = nextSequence - firstSequence
    const parts = [
      this.#feed.records === null ? null : `${Math.min(100, Math.round((nextSequence / this.#feed.records) * 100))} %`,
      `${count(nextSequence)} sent`,
      `${count(accepted)} accepted`,
      `${count(rejected)} rejected`,
      alreadyReceived === 0 ? null : `${count(alreadyReceived)} already received`,
      `${count(Math.round(sent / seconds))}/s`,
      eventTimeMs === Number.NEGATIVE_INFINITY ? null : formatTimestamp(eventTimeMs, this.#timeZone).slice(0, 19),
      this.#feed.records === null
        ? null
        : `${durationLeft((seconds / sent) * Math.max(0, this.#feed.records - nextSequence))} left`,
    ]
    this.#terminal.progress(parts.filter((part) => part !== null).join(' · '))
  }

  /** Says once for each outage that the platform is away, also where no line can be redrawn. */
  away({ message }: MysimbdpError): void {
    if (this.#isAway) return
    this.#isAway = true
    this.#terminal.progress('')
    this.#terminal.note(`waiting for the platform: ${visibleText(message)}\n`)
  }

  get seconds(): number {
    return (this.#clock.monotonicMs() - this.#startedMs) / 1000
  }

  #isDue(): boolean {
    const nowMs = this.#clock.monotonicMs()
    if (!this.#terminal.interactive || nowMs - this.#drawnMs < REDRAW_MS) return false
    this.#drawnMs = nowMs
    return true
  }
}

function durationLeft(seconds: number): string {
  if (seconds < 100) return `${seconds.toFixed(0)} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 100 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`
}

export interface EmulationSummary extends EmulationReport {
  readonly stream: string
  readonly leftOut: number
  readonly seconds: number
  /** What the platform's health says about rejected records; empty when it says nothing. */
  readonly rejections: readonly string[]
}

/** The summary for people. */
export function summaryText(summary: EmulationSummary): string {
  const { stream, producerId, nextSequence, firstSequence, accepted, rejected, alreadyReceived, seconds } = summary
  if (summary.wasFinished)
    return `all ${plural(nextSequence, 'record', 'records')} of this feed were sent to ${stream} before, as ${producerId}\n  what to do: Add --again to send them once more.\n`
  const sent = nextSequence - firstSequence
  const rate = seconds > 0 ? ` (${count(Math.round(sent / seconds))}/s)` : ''
  const lines = [
    `${plural(sent, 'record', 'records')} sent to ${stream} in ${seconds.toFixed(1)} s${rate}, as ${producerId}`,
    `  ${count(accepted)} accepted, ${count(rejected)} rejected${alreadyReceived === 0 ? '' : `, ${count(alreadyReceived)} already received`}`,
    firstSequence === 0 ? null : `  went on from record ${count(firstSequence)}: the records before were sent earlier`,
    summary.leftOut === 0 ? null : `  ${plural(summary.leftOut, 'incomplete record', 'incomplete records')} left out`,
    ...summary.rejections.map((sentence) => `  the platform says: ${visibleText(sentence)}`),
  ]
  return `${lines.filter((line) => line !== null).join('\n')}\n`
}

/** The summary as one JSON document. */
export const summaryJson = ({ eventTimeMs, firstSequence, nextSequence, ...summary }: EmulationSummary): string =>
  `${JSON.stringify({
    ...summary,
    sent: nextSequence - firstSequence,
    firstSequence,
    nextSequence,
    eventTime: eventTimeMs === Number.NEGATIVE_INFINITY ? null : new Date(eventTimeMs).toISOString(),
  })}\n`
