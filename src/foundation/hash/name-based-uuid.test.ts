import assert from 'node:assert/strict'
import { it } from 'node:test'
import { nameBasedUuid } from './name-based-uuid.ts'

it('a name gives the UUID that RFC 9562 publishes for it', () => {
  // Appendix A.4: the namespace of DNS names.
  const dns = '6ba7b810-9dad-11d1-80b4-00c04fd430c8'
  assert.equal(nameBasedUuid(dns, 'www.example.com'), '2ed6657d-e927-568b-95e1-2665a8aea6a2')
})
