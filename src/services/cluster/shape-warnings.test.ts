import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defaultShape, minInSyncReplicas, referenceShape, topicReplication } from './cluster-shape.ts'
import { shapeWarnings } from './shape-warnings.ts'

describe('the shape of a cluster', () => {
  it('of three brokers has three copies, of which one may be lost', () => {
    assert.deepEqual([topicReplication({ brokers: 3 }), minInSyncReplicas({ brokers: 3 })], [3, 2])
    assert.deepEqual([topicReplication({ brokers: 5 }), minInSyncReplicas({ brokers: 5 })], [3, 2])
    assert.deepEqual([topicReplication({ brokers: 1 }), minInSyncReplicas({ brokers: 1 })], [1, 1])
  })

  it('is not warned of when it holds what it promises', () => {
    assert.deepEqual(shapeWarnings(defaultShape), [])
    assert.deepEqual(shapeWarnings({ ...defaultShape, brokers: 3, cassandraNodes: 2 }), [])
  })

  it('of the reference asks for more replicas than there are nodes', () => {
    assert.match(shapeWarnings(referenceShape).join(), /ask for 3 replicas, and 2 Cassandra nodes hold 2/)
  })

  it('of two brokers cannot lose one', () => {
    assert.match(shapeWarnings({ ...defaultShape, brokers: 2 }).join(), /Take 3/)
  })
})
