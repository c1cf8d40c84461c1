/** `npm run golden:update`: writes every golden file anew, removes those that are none any more, and says which changed. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { goldenFiles } from './golden-files.ts'

const pathOf = (name: string): URL => new URL(name, import.meta.url)
const isGolden = (name: string): boolean => !name.endsWith('.ts') && name !== 'README.md'

const files = await goldenFiles()
const known = new Set(files.map(({ name }) => name))
const changes: string[] = []
for (const { name, text } of files) {
  const [path, made] = [pathOf(name), text()]
  const found = existsSync(path) ? readFileSync(path, 'utf8') : null
  if (found === made) continue
  writeFileSync(path, made)
  changes.push(`${found === null ? 'new    ' : 'changed'}  test/golden/${name}`)
}
for (const name of readdirSync(pathOf('.'))) {
  if (!isGolden(name) || known.has(name)) continue
  rmSync(pathOf(name))
  changes.push(`removed  test/golden/${name}`)
}
for (const change of changes) console.log(change)
console.log(`${files.length} golden files, ${changes.length} changed`)
