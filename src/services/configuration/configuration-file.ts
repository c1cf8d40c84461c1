import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, extname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'

export const CONFIGURATION_FILE = 'mysimbdp.config.ts'

/** A configuration as it stands in a file, not checked. */
export interface ConfigurationDocument {
  readonly file: string
  readonly document: unknown
}

/**
 * `mysimbdp.config.ts` beside an app, or else in the working directory; undefined where there is none.
 * @throws MSB_CONFIG_INVALID when apps that are started together lie beside different ones
 */
export function findConfigurationFile(appPaths: readonly string[]): string | undefined {
  const beside = new Set(appPaths.map(folderOf).map((folder) => join(folder, CONFIGURATION_FILE)))
  const found = [...beside].filter((file) => existsSync(file))
  if (found.length > 1)
    throw new MysimbdpError('MSB_CONFIG_INVALID', `these apps have different configurations: ${found.join(', ')}`, {
      hint: 'One platform has one configuration: name it with --config.',
    })
  const here = resolve(CONFIGURATION_FILE)
  return found[0] ?? (existsSync(here) ? here : undefined)
}

const folderOf = (path: string): string => {
  const absolute = resolve(path)
  return statSync(absolute, { throwIfNoEntry: false })?.isDirectory() === true ? absolute : dirname(absolute)
}

/** Reads JSON, or the default export of a module. @throws MSB_CONFIG_INVALID */
export async function readConfigurationFile(path: string): Promise<ConfigurationDocument> {
  const absolute = resolve(path)
  const inside = relative('.', absolute)
  const file = inside.startsWith('..') ? absolute : inside
  try {
    const document = ['.ts', '.js', '.mjs'].includes(extname(absolute))
      ? await defaultExport(absolute)
      : JSON.parse(readFileSync(absolute, 'utf8'))
    return { file, document }
  } catch (cause) {
    throw new MysimbdpError('MSB_CONFIG_INVALID', `'${file}' cannot be read: ${(cause as Error).message}`, { cause })
  }
}

async function defaultExport(file: string): Promise<unknown> {
  const module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown }
  if (module.default === undefined) throw new Error('it has no default export')
  return module.default
}
