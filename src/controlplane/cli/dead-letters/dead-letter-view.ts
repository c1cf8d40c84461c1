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
  /** 0 unless it is said. */
  readonly partition?: number
}

export interface DeadLetterPage {
  readonly deadLetters: readonly DeadLetterDocument[]
  readonly next: number | null
}

/** The dead letters of one partition of a stream, wherever they are. */
export interface DeadLetterView {
  /** Name of the log. */
  readonly topic: string
  readonly partition: number
  /** How many the log has. */
  readonly partitions: number
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
    return (await Promise.all(streams.map((stream) => platformViews(client, app, stream)))).flat()
  }
  if (place.data === undefined)
    throw new MysimbdpError(
      'MSB_CLI_USAGE',
      'say where the records are: --data <folder> of a run, or --app <name> of a running platform',
    )
  return (await context.platform.openLogReaders(place.data)).flatMap(folderViews)
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

async function platformViews(client: PlatformClient, app: string, stream: string): Promise<readonly DeadLetterView[]> {
  const path = deadLettersPath(app, stream)
  const { partitions } = await client.get<{ partitions: number }>(`${path}?limit=0`)
  return Array.from({ length: partitions }, (_, partition): DeadLetterView => {
    const of = `partition=${partition}`
    return {
      topic: `${app}_${stream}`,
      partition,
      partitions,
      counts: async () => (await client.get<{ counts: readonly DeadLetterCount[] }>(`${path}?limit=0&${of}`)).counts,
      page: (from, limit) => client.get(`${path}?raw=true&from=${from}&limit=${limit}&${of}`),
      at: (offset) => client.get(`${path}/${offset}?${of}`),
      close: async () => {},
    }
  })
}

function folderViews(reader: StreamReader): readonly DeadLetterView[] {
  const { topic, partitions } = reader.spec
  return Array.from({ length: partitions }, (_, partition) => ({
    topic,
    partition,
    partitions,
    counts: () => reader.deadLetterCounts(partition),
    page: async (fromOffset: number, limit: number) => {
      const letters = await reader.deadLetters(partition, { fromOffset, limit: limit + 1 })
      return { deadLetters: letters.slice(0, limit).map(deadLetterDocument), next: letters[limit]?.offset ?? null }
    },
    at: async (offset: number) => deadLetterDocument(await deadLetterAt(reader, partition, offset)),
    close: () => reader.close(),
  }))
}

/** The one that is meant. @throws MSB_CLI_USAGE when there are several and none is named */
export function chosenView(
  views: readonly DeadLetterView[],
  { topic, partition = 0 }: DeadLetterPlace,
): DeadLetterView {
  const topics = [...new Set(views.map((view) => view.topic))]
  if (topic === undefined && topics.length > 1)
    throw new MysimbdpError('MSB_CLI_USAGE', `there are several logs; choose one with --topic ${topics.join(' | ')}`)
  const ofTopic = views.filter((view) => topic === undefined || view.topic === topic)
  const chosen = ofTopic.find((view) => view.partition === partition)
  if (chosen === undefined && ofTopic.length > 0)
    throw new MysimbdpError(
      'MSB_CLI_USAGE',
      `the log has the partitions 0 to ${ofTopic.length - 1}, and not ${partition}`,
    )
  if (chosen === undefined)
    throw new MysimbdpError('MSB_CLI_USAGE', `there is no log '${topic}'; there is ${topics.join(', ')}`)
  return chosen
}
