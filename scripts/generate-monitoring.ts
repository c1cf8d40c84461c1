/** Writes dashboards and alert rules from deploy/monitoring. Run it with `npm run monitoring`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { monitoringFiles } from '../deploy/monitoring/generated-files.ts'

const repository = fileURLToPath(new URL('..', import.meta.url))
for (const [path, text] of monitoringFiles()) {
  const file = join(repository, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}
