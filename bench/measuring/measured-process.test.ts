import assert from 'node:assert/strict'
import { test } from 'node:test'
import { measureProcess } from './measured-process.ts'

const node = (script: string): readonly [string, string, string] => [process.execPath, '-e', script]

test('CPU, wall time and memory are those of the program, threads and children included', async () => {
  const burn = `const end = process.cpuUsage().user + 150e3; while (process.cpuUsage().user < end);`
  const script = `
    const kept = Buffer.alloc(150 * 2 ** 20, 1)
    require('node:child_process').execFileSync(process.execPath, ['-e', ${JSON.stringify(burn)}])
    ${burn}
    console.log(kept.length)`
  const measured = await measureProcess({ command: node(script), cores: 1 })
  assert.equal(measured.output, `${150 * 2 ** 20}\n`)
  assert.ok(measured.cpuSeconds >= 0.3, `${measured.cpuSeconds} CPU seconds`)
  assert.ok(measured.wallSeconds >= 0.3, `${measured.wallSeconds} s`)
  assert.ok(measured.peakRssMegabytes >= 150 && measured.peakRssMegabytes < 400, `${measured.peakRssMegabytes} MB`)
  assert.ok(measured.othersShare >= 0 && measured.othersShare <= 1, `${measured.othersShare}`)
})

test('a program that fails is an error that repeats what it said', async () => {
  const failing = measureProcess({ command: node('console.error("no such file"); process.exit(3)'), cores: 1 })
  await assert.rejects(failing, /exit code 3:\nno such file/)
})
