import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, it } from 'node:test'
import { freePorts, isListening, requireFree } from './ports.ts'

describe('a port', () => {
  it('that another program listens on is refused, with the server that wanted it', async (test) => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    test.after(() => other.close())
    const address = { host: '127.0.0.1', port: (other.address() as AddressInfo).port }
    assert.equal(await isListening(address), true)
    await assert.rejects(requireFree('kafka-1', [address]), {
      code: 'MSB_CLUSTER_PORT_TAKEN',
      message: `kafka-1 cannot listen on 127.0.0.1:${address.port}: another program uses that port`,
    })
  })

  it('of an address that the machine does not have is refused', async () => {
    await assert.rejects(requireFree('cassandra-2', [{ host: '192.0.2.1', port: 27042 }]), {
      message: 'cassandra-2 cannot listen on 192.0.2.1: this machine has no such address',
    })
  })

  it('that is free can be listened on, and nothing listens there', async () => {
    const ports = await freePorts(20)
    assert.equal(new Set(ports).size, 20)
    for (const port of ports) assert.equal(await isListening({ host: '127.0.0.1', port }), false)
    await requireFree(
      'kafka-1',
      ports.map((port) => ({ host: '127.0.0.1', port })),
    )
  })
})
