/**
 * `npm run spark:protos`: makes the TypeScript of Spark Connect's messages anew, after a `.proto` file changed. What it makes is committed. The
 * generator is fetched when it is needed, once in a long while: it brings a hundred megabytes and a TypeScript of its own.
 */
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'

const GENERATOR = ['@bufbuild/buf@1.75.0', '@bufbuild/protoc-gen-es@2.17.0']
const CONNECT = 'src/dataplane/engines/spark/connect'

const template = {
  version: 'v2',
  plugins: [
    {
      local: 'protoc-gen-es',
      out: `${CONNECT}/generated`,
      // Node strips types and nothing else: no TypeScript enums.
      opt: ['target=ts', 'import_extension=ts', 'erasable_syntax=true'],
    },
  ],
}

rmSync(`${CONNECT}/generated`, { recursive: true, force: true })
const packages = GENERATOR.flatMap((name) => ['--package', name])
const generate = ['buf', 'generate', `${CONNECT}/protocol`, '--template', JSON.stringify(template)]
execFileSync('npx', ['--yes', ...packages, '--', ...generate], { stdio: 'inherit' })
