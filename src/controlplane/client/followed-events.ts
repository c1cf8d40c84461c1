import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { delay } from '#foundation/time/timers.ts'
import { textLines } from './text-lines.ts'

export interface ServerEvent {
  readonly event: string
  readonly data: string
}

export interface FollowHandlers {
  /** Opens the stream behind the event with this id, or from its beginning. */
  connect(lastEventId: string | undefined): Promise<Response>
  /** Called once for each time that the connection is lost. */
  onLost(reason: string): void
  onBack(): void
}

/** First pause before the connection is tried again; it doubles up to the second. */
const BACKOFF_MS = 250
const BACKOFF_MAX_MS = 5000

/**
 * Server-sent events for good: when the connection is lost it is opened again, from the last event that had an id.
 * @throws what the first connection fails with, and later whatever waiting cannot mend
 */
export async function* followEvents({ connect, onLost, onBack }: FollowHandlers): AsyncGenerator<ServerEvent> {
  let lastId: string | undefined
  let failures = 0
  let response: Response | null = await connect(lastId)
  for (;;) {
    if (response !== null) {
      if (failures > 0) onBack()
      failures = 0
      try {
        for await (const { id, ...event } of eventsOf(response)) {
          yield event
          if (id !== undefined) lastId = id
        }
      } catch (error) {
        if (error instanceof MysimbdpError) throw error
      }
    }
    if (failures === 0) onLost('the platform has ended the connection')
    await delay(Math.min(BACKOFF_MS * 2 ** failures++, BACKOFF_MAX_MS))
    response = await connect(lastId).catch(nullWhenItMayCome)
  }
}

function nullWhenItMayCome(error: unknown): null {
  if (error instanceof MysimbdpError && error.retry === 'backoff') return null
  throw error
}

async function* eventsOf(response: Response): AsyncGenerator<ServerEvent & { readonly id?: string }> {
  let fields: Record<string, string> = {}
  for await (const line of textLines(response)) {
    const colon = line.indexOf(': ')
    if (line !== '') fields[line.slice(0, colon)] = line.slice(colon + 2)
    else {
      const { event, data, id } = fields
      if (event !== undefined && data !== undefined) yield { event, data, ...(id !== undefined && { id }) }
      fields = {}
    }
  }
}
