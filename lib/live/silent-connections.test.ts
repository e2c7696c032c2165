import { connect, createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { LIMITS } from '#lib/limits'
import { createSilentConnections } from './silent-connections.ts'

test('the oldest that said nothing goes, who has asked stays', async () => {
  let time = 0
  const silent = createSilentConnections({ most: 2, now: () => time })
  const accepted: Socket[] = []
  const server = createServer(socket => {
    accepted.push(socket)
    silent.opened(socket)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number } // it listens on a port
  const clients: Socket[] = []
  onTestFinished(() => {
    for (const client of clients) client.destroy()
    server.close()
  })
  const join = async () => {
    const client = connect(port, '127.0.0.1')
    clients.push(client)
    const before = accepted.length
    await new Promise(resolve => server.once('connection', resolve))
    return accepted[before]!
  }
  const asked = await join()
  silent.heard(asked)
  const oldest = await join()
  await join()
  expect(silent.count()).toBe(2)
  await join()
  // Many that come at once are not to blame for it.
  expect(silent.count()).toBe(3)
  expect(oldest.destroyed).toBe(false)
  time = 1000
  const newest = await join()
  expect(oldest.destroyed).toBe(true)
  expect(asked.destroyed).toBe(false)
  expect(newest.destroyed).toBe(false)
  expect(silent.count()).toBe(2)
})

test('there is room left for those who ask', () => {
  expect(LIMITS.silentConnections).toBeLessThan(LIMITS.maxConnections / 2 + 1)
})
