import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { LIMITS } from '#lib/limits'
import { createPeerCount } from './peer-count.ts'

/** Only what is looked at. */
const from = (remoteAddress: string) => ({ socket: { remoteAddress } }) as unknown as IncomingMessage

test('another machine has so many connections, and a new one when one of them is closed', async () => {
  const peers = createPeerCount()
  const sockets = Array.from({ length: LIMITS.socketsPerPeer }, () => new PassThrough())
  for (const socket of sockets) expect(peers.take(from('10.0.0.1'), socket)).toBe(true)
  expect(peers.take(from('10.0.0.1'), new PassThrough())).toBe(false)
  expect(peers.take(from('10.0.0.2'), new PassThrough())).toBe(true)
  const closed = new Promise(resolve => sockets[0]!.once('close', resolve))
  sockets[0]!.destroy()
  await closed
  expect(peers.take(from('10.0.0.1'), new PassThrough())).toBe(true)
  expect(peers.take(from('10.0.0.1'), new PassThrough())).toBe(false)
})

test('programs on this machine are not counted', () => {
  const peers = createPeerCount()
  for (let at = 0; at < 500; at++) expect(peers.take(from('127.0.0.1'), new PassThrough())).toBe(true)
})
