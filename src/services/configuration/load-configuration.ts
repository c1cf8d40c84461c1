import { dirname, resolve } from 'node:path'
import { checkedConfig, type PlatformConfig } from '../runs/platform-config.ts'
import { findConfigurationFile, readConfigurationFile } from './configuration-file.ts'
import { withEnvironment, withMember } from './environment-settings.ts'

export interface ConfigurationRequest {
  /** The file that was named, JSON or a module; else one is looked for. */
  readonly file?: string | undefined
  /** Of the apps that are started, beside which a file may lie. */
  readonly appPaths: readonly string[]
  /** Of the environment, by name. */
  readonly variables: Readonly<Record<string, string>>
}

export interface LoadedConfiguration {
  readonly config: PlatformConfig
  /** Where it comes from, for people: a file, names of variables; empty where nothing was configured. */
  readonly sources: readonly string[]
}

/**
 * The configuration of a platform. What the environment says goes before what a file says, and that before what is there by default; of files the named
 * one goes before one beside an app, and that before one in the working directory. Paths in a file count from its folder.
 * @throws MSB_CONFIG_INVALID with file and place
 */
export async function loadConfiguration({
  file,
  appPaths,
  variables,
}: ConfigurationRequest): Promise<LoadedConfiguration> {
  const path = file ?? findConfigurationFile(appPaths)
  const read = path === undefined ? { file: undefined, document: {} } : await readConfigurationFile(path)
  const inPlace = path === undefined ? read.document : withPathsFrom(dirname(resolve(path)), read.document)
  const { document, used } = withEnvironment(inPlace, variables)
  const sources = [...(read.file === undefined ? [] : [read.file]), ...used]
  return { config: checkedConfig(document, sources.join(', ') || 'the configuration'), sources }
}

const TLS_FILES = [
  ['broker', 'caFile'],
  ['broker', 'certificateFile'],
  ['broker', 'keyFile'],
  ['sink', 'caFile'],
] as const

type WithTls = Readonly<Record<string, { readonly tls?: Readonly<Record<string, unknown>> } | undefined>>

/** The document with its relative paths counted from a folder. */
function withPathsFrom(folder: string, document: unknown): unknown {
  const servers = (document ?? {}) as WithTls
  let changed = document
  for (const [server, name] of TLS_FILES) {
    const file = servers[server]?.tls?.[name]
    if (typeof file === 'string') changed = withMember(changed, [server, 'tls', name], resolve(folder, file))
  }
  return changed
}
