import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { MysimbdpError } from '../errors/mysimbdp-error.ts'
import { armFaults, disarmFaults, type FaultPoint, faultPoint, faultPoints, SimulatedCrash } from './fault-points.ts'

afterEach(disarmFaults)

test('a fault point does nothing unless faults are armed', () => {
  for (const point of faultPoints) faultPoint(point)
})

test('the handler learns which point was passed and how often since it was armed', () => {
  const passed: [FaultPoint, number][] = []
  for (let round = 0; round < 2; round++) {
    armFaults((point, hit) => passed.push([point, hit]))
    faultPoint('log.append-begun')
    faultPoint('log.append-begun')
    faultPoint('job.committed')
  }
  const once = [
    ['log.append-begun', 1],
    ['log.append-begun', 2],
    ['job.committed', 1],
  ]
  assert.deepEqual(passed, [...once, ...once])
})

test('a simulated crash goes through as it is, and is none of our errors', () => {
  armFaults((point) => {
    throw new SimulatedCrash(point)
  })
  assert.throws(
    () => faultPoint('job.committed'),
    (error) => error instanceof SimulatedCrash && !(error instanceof MysimbdpError) && error.point === 'job.committed',
  )
})
