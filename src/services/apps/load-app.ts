import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { MysimbdpError } from '#foundation/errors/mysimbdp-error.ts'
import { type App, isApp } from '#language/query/app.ts'

/**
 * Loads an app from its folder (app.ts in it) or its file.
 * @throws MSB_APP_NOT_FOUND, MSB_APP_INVALID, and what app(…) refuses
 */
export async function loadApp(path: string): Promise<App> {
  const file = appFile(path)
  const module = await importModule(file)
  if (!isApp(module.default)) throw new MysimbdpError('MSB_APP_INVALID', `'${file}' does not export an app as default`)
  return module.default
}

async function importModule(file: string): Promise<{ readonly default?: unknown }> {
  try {
    return (await import(pathToFileURL(file).href)) as { readonly default?: unknown }
  } catch (cause) {
    if (cause instanceof MysimbdpError) throw cause
    // An app's own code may throw anything.
    const { code, message } = (
      cause instanceof Error ? cause : { message: `it throws ${String(cause)}` }
    ) as NodeJS.ErrnoException
    const outside = code === 'ERR_MODULE_NOT_FOUND' && message.includes("'mysimbdp'")
    throw new MysimbdpError('MSB_APP_INVALID', `'${file}' cannot be loaded: ${message}`, {
      cause,
      ...(outside && { hint: "An app imports 'mysimbdp', so it must lie inside this repository." }),
    })
  }
}

function appFile(path: string): string {
  const absolute = resolve(path)
  const candidates = kindOf(absolute) === 'folder' ? [join(absolute, 'app.ts'), join(absolute, 'app.js')] : [absolute]
  const file = candidates.find((candidate) => kindOf(candidate) === 'file')
  if (file === undefined) throw new MysimbdpError('MSB_APP_NOT_FOUND', `there is no app at '${path}'`)
  return file
}

function kindOf(path: string): 'file' | 'folder' | 'nothing' {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats === undefined ? 'nothing' : stats.isDirectory() ? 'folder' : 'file'
}
