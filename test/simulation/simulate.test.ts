import assert from 'node:assert/strict'
import { it } from 'node:test'
import { simulate } from './simulated-run.ts'

it('a seed repeats its run', async () => {
  const [once, again] = [await simulate(7), await simulate(7)]
  assert.deepEqual(once, again)
  assert.notEqual(once.digest, (await simulate(8)).digest)
})

// Some of them with sessions, some with deduplication; with few crashes, which are what takes time.
for (const seed of [101, 102, 114, 135, 139]) {
  it(`seed ${seed} gives what the oracle gives`, async () => {
    assert.deepEqual((await simulate(seed)).differences, [])
  })
}
