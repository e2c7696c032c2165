import { expect, test } from 'vitest'
import { readConfig } from '#lib/config'
import { serveEnvironment } from './serve.ts'

test('the flags of the queue reach the settings of the server', () => {
  const env = serveEnvironment({ maxParallel: 2, maxQueued: 0 }, '/srv')
  expect(readConfig({ ...env, NODE_ENV: 'production' })).toMatchObject({
    maxParallel: 2,
    maxQueued: 0,
  })
})

test('the bound of the network reaches the settings of the server', () => {
  const env = serveEnvironment({ network: ['a.example', '*.b.example:8443'] }, '/srv')
  expect(readConfig({ ...env, NODE_ENV: 'production' }).network).toEqual(['a.example', '*.b.example:8443'])
})

test('a flag that is not given leaves the variable as it is', () => {
  expect(serveEnvironment({}, '/srv')).not.toHaveProperty('RETRAI_MAX_PARALLEL')
  expect(serveEnvironment({}, '/srv')).not.toHaveProperty('RETRAI_MAX_QUEUED')
  expect(serveEnvironment({}, '/srv')).not.toHaveProperty('RETRAI_NETWORK')
})
