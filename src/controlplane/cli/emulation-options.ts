import { InvalidArgumentError } from 'commander'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import type { Clock } from '#foundation/time/clock.ts'
import { type Fault, type FaultKind, faultKinds } from '#services/emulation/fault-injector.ts'
import type { EventTimeChoice } from '#services/emulation/feed-record.ts'
import { AsEventTime, asFastAsPossible, FixedRate, NotPastNow, type Schedule } from '#services/emulation/schedule.ts'
import { share } from './option-values.ts'

/** How fast records are sent: records in a second, as fast as they are taken, or as event time passes. */
export type Rate = number | 'max' | 'as-event-time'

export interface PaceOptions {
  readonly rate?: Rate
  readonly speed?: number
  readonly longestPause?: number
  readonly eventTime: EventTimeChoice
  readonly allowFuture?: boolean
}

/** The reference system's emulator sends one record every tenth of a second. */
const ARRIVAL_RATE_DEFAULT = 10
const SPEED_DEFAULT = 60
const LONGEST_PAUSE_MS_DEFAULT = 60_000
const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600 }

/** `10/s`, `600/min`, `max` or `as-event-time`. */
export function rate(text: string): Rate {
  if (text === 'max' || text === 'as-event-time') return text
  const [, records, unit] = /^(\d+(?:\.\d+)?)\/(s|min|h)$/.exec(text) ?? []
  const perSecond = unit === undefined ? Number.NaN : Number(records) / UNIT_SECONDS[unit]!
  if (!(perSecond > 0)) throw new InvalidArgumentError('It must be like 10/s, 600/min, max or as-event-time.')
  return perSecond
}

export function positiveNumber(text: string): number {
  const value = Number(text)
  if (!(text.trim() !== '' && value > 0 && Number.isFinite(value)))
    throw new InvalidArgumentError('It must be a number above 0.')
  return value
}

/** `late`, or `late=0.05`; may be repeated, each kind once. */
export function collectFault(text: string, collected: readonly Fault[] = []): readonly Fault[] {
  const [name = '', shareText] = text.split('=', 2)
  if (!Object.hasOwn(faultKinds, name))
    throw new InvalidArgumentError(`There is no fault '${name}'; there are ${Object.keys(faultKinds).join(', ')}.`)
  const kind = name as FaultKind
  if (collected.some((fault) => fault.kind === kind)) throw new InvalidArgumentError(`'${kind}' is there twice.`)
  return [...collected, { kind, share: shareText === undefined ? faultKinds[kind].share : share(shareText) }]
}

/** @throws MSB_CLI_USAGE for options that say nothing together */
export function scheduleOf(options: PaceOptions, clock: Clock): Schedule {
  const { eventTime, allowFuture = false } = options
  const chosen = options.rate ?? (eventTime === 'arrival' ? ARRIVAL_RATE_DEFAULT : 'as-event-time')
  if (chosen !== 'as-event-time' && (options.speed !== undefined || options.longestPause !== undefined))
    throw new MysimbdpError(
      'MSB_CLI_USAGE',
      '--speed and --longest-pause are about event time, and the rate is another one',
      { hint: 'Leave them out, or use --rate as-event-time.' },
    )
  const schedule = baseSchedule(chosen, options, clock)
  return eventTime === 'arrival' || allowFuture ? schedule : new NotPastNow(clock, schedule)
}

function baseSchedule(chosen: Rate, { speed, longestPause }: PaceOptions, clock: Clock): Schedule {
  if (chosen === 'max') return asFastAsPossible
  if (chosen !== 'as-event-time') return new FixedRate(clock, chosen)
  return new AsEventTime(clock, {
    speedAt: () => speed ?? SPEED_DEFAULT,
    longestPauseMs: longestPause ?? LONGEST_PAUSE_MS_DEFAULT,
    longestStandstillMs: Number.POSITIVE_INFINITY,
  })
}
