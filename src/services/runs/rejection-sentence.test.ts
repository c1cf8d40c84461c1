import assert from 'node:assert/strict'
import { it } from 'node:test'
import { rejectionSentence } from './rejection-sentence.ts'

const renamed = { code: 'renamed_field', field: 'fare', expected: null } as const

it('what is wrong with an input names the field and what the records have in its place, where that is known', () => {
  const sentenceOf = (found: string | null) =>
    rejectionSentence('trips', { received: 10, rejected: 10, mainReason: { ...renamed, found } })
  assert.equal(
    sentenceOf('Fare'),
    "100 % of 10 records of trips were rejected: field 'fare' is missing; the records have 'Fare'",
  )
  assert.match(
    sentenceOf(null)!,
    /were rejected: a known field is missing and an unknown one is present.* \(field 'fare'\)$/,
  )
})

it('nothing is wrong with an input of which a small share was rejected', () => {
  assert.equal(
    rejectionSentence('trips', { received: 100, rejected: 9, mainReason: { ...renamed, found: 'Fare' } }),
    null,
  )
})
