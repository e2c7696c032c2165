import { createHash, createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { readWatched } from './pytest-watch.ts'

const XML = '<testsuites></testsuites>'
function signed(xml: string, key: string) {
  const body = Buffer.from(JSON.stringify({ tampering: [], failed: 0 })).toString('base64')
  const digest = createHash('sha256').update(xml).digest('hex')
  return `\n<!--retrai ${body} ${createHmac('sha256', key).update(`${digest} ${body}`).digest('hex')}-->`
}

it('a report counts only with the signature of the plugin over exactly it', () => {
  const whole = XML + signed(XML, 'key')
  expect(readWatched(whole, 'key')).toEqual({ report: XML, tampering: [], failed: 0 })
  expect(readWatched(whole, 'other')).toBeNull()
  expect(readWatched(whole.replace('testsuites', 'testsuite'), 'key')).toBeNull()
  expect(readWatched(XML, 'key')).toBeNull()
})
