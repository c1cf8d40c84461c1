/**
 * Run after `npm install` (as `npm run lockfile`). A registry mirror that serves the packages of one platform only
 * leaves the other platforms' optional packages out of the lockfile, and `npm ci` then refuses it. This adds an entry
 * for each of them, with the platform read from the package's name, and drops download addresses.
 */
import { readFileSync, writeFileSync } from 'node:fs'

interface LockedPackage {
  version?: string
  resolved?: string
  optional?: boolean
  os?: string[]
  cpu?: string[]
  libc?: string[]
  optionalDependencies?: Record<string, string>
}

const path = 'package-lock.json'
const lockfile = JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, LockedPackage> }

function platformOf(name: string): Pick<LockedPackage, 'os' | 'cpu' | 'libc'> {
  const [, os, cpu, libc] =
    /(android|darwin|freebsd|linux|win32)-(x64|arm64|arm|ia32|ppc64|s390x)(?:-(musl|gnu))?$/.exec(name) ?? []
  return {
    ...(cpu && { cpu: [cpu] }),
    ...(libc && { libc: [libc === 'gnu' ? 'glibc' : libc] }),
    ...(os && { os: [os] }),
  }
}

for (const locked of Object.values(lockfile.packages)) {
  delete locked.resolved
  for (const [name, version] of Object.entries(locked.optionalDependencies ?? {})) {
    lockfile.packages[`node_modules/${name}`] ??= { version, ...platformOf(name), optional: true }
  }
}
const { '': root, ...others } = lockfile.packages
lockfile.packages = { '': root, ...Object.fromEntries(Object.entries(others).sort(([a], [b]) => (a < b ? -1 : 1))) }
writeFileSync(path, `${JSON.stringify(lockfile, null, 2)}\n`)
