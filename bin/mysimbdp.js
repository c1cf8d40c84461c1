#!/usr/bin/env node
// Plain JavaScript that any Node from 20 on can start. The platform itself needs the Node that
// `npm ci` installed as the package `node`; npx and a bare `node` may pick an older one.
import { spawn } from 'node:child_process'
import { createRequire, enableCompileCache, flushCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

const OLDEST = [24, 18, 1]
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** Where what was made of the sources is kept, so that the next start need not make it again. */
const compileCache = fileURLToPath(new URL('../node_modules/.cache/mysimbdp', import.meta.url))
/** By then everything a platform needs is loaded; it may be killed before it ends by itself. */
const FLUSH_AFTER_MS = 5000

function recentEnough(version) {
  const parts = version.split('.').map(Number)
  for (const [i, oldest] of OLDEST.entries()) if (parts[i] !== oldest) return parts[i] > oldest
  return true
}

function bundledNode() {
  try {
    return createRequire(import.meta.url).resolve('node/bin/node')
  } catch {
    return undefined
  }
}

// Threads and a Node that is started from here look for it in the environment.
process.env.NODE_COMPILE_CACHE ??= compileCache

if (recentEnough(process.versions.node)) {
  // Half the processor time of a start, and 50 MB: types are stripped once. Where it cannot be written, nothing is kept.
  enableCompileCache(process.env.NODE_COMPILE_CACHE)
  setTimeout(flushCompileCache, FLUSH_AFTER_MS).unref()
  await import(main)
} else {
  const node = bundledNode()
  if (node === undefined) {
    console.error(
      `mysimbdp needs Node ${OLDEST.join('.')} or newer and found ${process.versions.node}. Run \`npm ci\` here: it brings one along.`,
    )
    process.exit(69)
  }
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
  // Whoever ends this process means the platform. (A terminal sends Ctrl-C to both by itself.)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  process.on('SIGINT', () => {})
  child.on('exit', (status, signal) => {
    if (signal === null) process.exit(status ?? 70)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}
