import type { DeadLetterCount, StreamReader } from '#dataplane/brokers/broker.ts'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { type DeadLetterDocument, deadLetterDocument } from '#services/dead-letters/dead-letter-document.ts'
import { deadLetterAt } from '#services/dead-letters/selected-dead-letters.ts'
import { PlatformClient } from '../../client/platform-client.ts'
import type { CliContext } from '../context.ts'

/** Where dead letters are looked for: in the folder of a run, or on a running platform. */
export interface DeadLetterPlace {
  readonly data?: string
  readonly app?: string
  readonly stream?: string
  readonly url?: string
  readonly topic?: string
}

export interface DeadLetterPage {
  readonly deadLetters: readonly DeadLetterDocument[]
  readonly next: number | null
}

/** The dead letters of one stream, wherever they are. */
export interface DeadLetterView {
  /** Name of the log. */
  readonly topic: string
  counts(): Promise<readonly DeadLetterCount[]>
  /** In offset order; `next` is where the next page begins, null at the end. */
  page(from: number, limit: number): Promise<DeadLetterPage>
  /** @throws MSB_NOT_FOUND */
  at(offset: number): Promise<DeadLetterDocument>
  close(): Promise<void>
}

/** @throws MSB_CLI_USAGE, MSB_DATA_FOLDER_NOT_FOUND, MSB_PLATFORM_NOT_FOUND */
export async function openViews(place: DeadLetterPlace, context: CliContext): Promise<readonly DeadLetterView[]> {
  if (place.app !== undefined || place.url !== undefined) {
    const { client, app, streams } = await findStreams(place)
    return streams.map((stream) => platformView(client, app, stream))
  }
  if (place.data === undefined)
    throw new MysimbdpError(
      'MSB_CLI_USAGE',
      'say where the records are: --data <folder> of a run, or --app <name> of a running platform',
    )
  return (await context.platform.openLogReaders(place.data)).map(folderView)
}

interface AppsDocument {
  readonly apps: readonly { readonly name: string; readonly streams: readonly string[] }[]
}

/** The app on a running platform, and those of its streams that are meant. @throws MSB_NOT_FOUND, MSB_PLATFORM_NOT_FOUND */
export async function findStreams(
  place: DeadLetterPlace,
): Promise<{ readonly client: PlatformClient; readonly app: string; readonly streams: readonly string[] }> {
  const client = PlatformClient.find(place)
  const { apps } = await client.get<AppsDocument>('/v1/apps')
  const app = place.app === undefined && apps.length === 1 ? apps[0] : apps.find(({ name }) => name === place.app)
  if (app === undefined)
    throw new MysimbdpError(
      'MSB_NOT_FOUND',
      `the platform runs ${apps.map(({ name }) => name).join(', ')}; choose one with --app`,
    )
  if (place.stream !== undefined && !app.streams.includes(place.stream))
    throw new MysimbdpError('MSB_NOT_FOUND', `app '${app.name}' has the streams ${app.streams.join(', ')}`)
  return { client, app: app.name, streams: place.stream === undefined ? app.streams : [place.stream] }
}

export const deadLettersPath = (app: string, stream: string): string =>
  `/v1/apps/${encodeURIComponent(app)}/streams/${encodeURIComponent(stream)}/dead-letters`

function platformView(client: PlatformClient, app: string, stream: string): DeadLetterView {
  const path = deadLettersPath(app, stream)
  return {
    topic: `${app}_${stream}`,
    counts: async () => (await client.get<{ counts: readonly DeadLetterCount[] }>(`${path}?limit=0`)).counts,
    page: (from, limit) => client.get(`${path}?raw=true&from=${from}&limit=${limit}`),
    at: (offset) => client.get(`${path}/${offset}`),
    close: async () => {},
  }
}

function folderView(reader: StreamReader): DeadLetterView {
  return {
    topic: reader.spec.topic,
    counts: () => reader.deadLetterCounts(0),
    page: async (fromOffset, limit) => {
      const letters = await reader.deadLetters(0, { fromOffset, limit: limit + 1 })
      return { deadLetters: letters.slice(0, limit).map(deadLetterDocument), next: letters[limit]?.offset ?? null }
    },
    at: async (offset) => deadLetterDocument(await deadLetterAt(reader, offset)),
    close: () => reader.close(),
  }
}

/** The one that is meant. @throws MSB_CLI_USAGE when there are several and none is named */
export function chosenView(views: readonly DeadLetterView[], { topic }: DeadLetterPlace): DeadLetterView {
  const topics = views.map((view) => view.topic)
  if (topic === undefined && views.length > 1)
    throw new MysimbdpError('MSB_CLI_USAGE', `there are several logs; choose one with --topic ${topics.join(' | ')}`)
  const chosen = topic === undefined ? views[0] : views.find((view) => view.topic === topic)
  if (chosen === undefined)
    throw new MysimbdpError('MSB_CLI_USAGE', `there is no log '${topic}'; there is ${topics.join(', ')}`)
  return chosen
}
