import assert from 'node:assert/strict'
import { it } from 'node:test'
import { visibleText } from './visible-text.ts'

it('control characters are written as escapes, and all else stays', () => {
  assert.equal(visibleText('\u001b[2J\u0007 \u0000\u007f\u009b'), '\\u001b[2J\\u0007 \\u0000\\u007f\\u009b')
  assert.equal(visibleText('a\tb\nc é 中 😀 "\\'), 'a\tb\nc é 中 😀 "\\')
})
