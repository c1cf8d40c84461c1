import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sparkAddressOf } from './connection-string.ts'

describe('the address of a Spark Connect server', () => {
  it('is a host alone: the usual port, nobody in particular, no TLS', () => {
    assert.deepEqual(sparkAddressOf('sc://spark'), {
      baseUrl: 'http://spark:15002',
      userId: 'mysimbdp',
      sessionId: null,
      headers: {},
    })
  })

  it('has user, session and headers behind a semicolon, with escapes', () => {
    const sessionId = '0f4a1c39-9f4e-4c0c-8a5b-5d2d0a4f9a11'
    const address = sparkAddressOf(`sc://spark:443/;user_id=a%3Bb;session_id=${sessionId};use_ssl=true;x-tenant=one`)
    const baseUrl = 'https://spark:443'
    assert.deepEqual(address, { baseUrl, userId: 'a;b', sessionId, headers: { 'x-tenant': 'one' } })
  })

  it('with a token means TLS', () => {
    const { baseUrl, headers } = sparkAddressOf('sc://spark/;token=secret')
    assert.deepEqual([baseUrl, headers], ['https://spark:15002', { authorization: 'Bearer secret' }])
  })

  it('sends a token in the clear to this machine alone', () => {
    assert.equal(sparkAddressOf('sc://127.0.0.1:7/;token=secret;use_ssl=false').baseUrl, 'http://127.0.0.1:7')
    assert.throws(() => sparkAddressOf('sc://spark/;token=secret;use_ssl=false'), {
      code: 'MSB_CONFIG_INVALID',
      message: /sends a token to spark for everybody to read/,
    })
  })

  it('is refused without saying what its token is', () => {
    for (const wrong of ['spark:15002', 'sc://', 'sc://a/b', 'sc://a/;token', 'sc://a/;use_ssl=yes', 'sc://a/;x=%'])
      assert.throws(() => sparkAddressOf(wrong), { code: 'MSB_CONFIG_INVALID' }, wrong)
    assert.throws(
      () => sparkAddressOf('sc://a/;token=secret;session_id=mine'),
      (error: Error) => error.message.includes('session_id') && !error.message.includes('secret'),
    )
  })
})
