import assert from 'node:assert/strict'
import { it } from 'node:test'
import { nearestName } from './nearest-name.ts'

it('finds the name that was meant, and none where nothing is near', () => {
  const names = ['kind', 'bootstrapServers', 'partitions', 'replication', 'tls', 'sasl']
  const meant = (wrong: string) => nearestName(wrong, names)
  assert.deepEqual(
    ['bootstrapServer', 'bootstrap', 'partition', 'BOOTSTRAPSERVERS', 'sals', 'knid', 'ssl', 'topics', ''].map(meant),
    [
      'bootstrapServers',
      'bootstrapServers',
      'partitions',
      'bootstrapServers',
      'sasl',
      'kind',
      'sasl',
      undefined,
      undefined,
    ],
  )
})
