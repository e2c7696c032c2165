import { expect, test } from 'vitest'
import type { Network } from '#lib/contract/network'
import { decideNetwork } from './decide-network.ts'

const decide = (request?: Network, project?: Network, server: Network | null = null) =>
  decideNetwork({ request, project, server })

test('a run has what its request asks for, and nothing when it says nothing', () => {
  expect(decide()).toEqual({ network: 'off', wanted: null })
  expect(decide('on').network).toBe('on')
  expect(decide(['a.example'], 'off').network).toEqual(['a.example'])
  expect(decide('off', 'on', 'on').network).toBe('off')
})

test('what accepted settings ask for counts where the request says nothing', () => {
  expect(decide(undefined, 'on')).toEqual({ network: 'on', wanted: null })
  expect(decide(undefined, ['a.example'])).toEqual({ network: ['a.example'], wanted: null })
  expect(decide(undefined, undefined, 'on').network).toBe('off')
})

test('of that, no more than the server grants; what it does not grant is remembered', () => {
  expect(decide(undefined, 'on', 'off')).toEqual({ network: 'off', wanted: 'on' })
  expect(decide(undefined, 'on', ['a.example'])).toEqual({ network: ['a.example'], wanted: 'on' })
  expect(decide(undefined, 'off', 'on').network).toBe('off')
})

test('a request for more than the server grants is refused with what it grants', () => {
  expect(() => decide('on', undefined, 'off')).toThrow(/no more of the network than off/)
  expect(() => decide('on', undefined, ['a.example'])).toThrow(/than a\.example/)
  expect(() => decide(['a.example', 'b.example'], undefined, ['a.example'])).toThrow(/than a\.example/)
  expect(decide(['a.example'], undefined, ['a.example', 'b.example']).network).toEqual(['a.example'])
})

test('an address that is not public is refused at once', () => {
  for (const host of ['127.0.0.1', '10.0.0.1:8080', '169.254.169.254', '[::1]', '[fd00::1]:443'])
    expect(() => decide([host])).toThrow(/is not a public address/)
  expect(decide(['8.8.8.8', '[2606:4700::1111]']).network).toHaveLength(2)
})
