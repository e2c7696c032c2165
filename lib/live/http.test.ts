// The limits of a connection, on a real server around nothing.
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { LIMITS } from '#lib/limits'
import { createHttp, type HttpOptions } from './http.ts'

/** Nothing of it is reached by a request that is never complete. */
const AROUND_NOTHING = { runtime: { redact: (value: unknown) => value } } as unknown as HttpOptions

test('a server has limits of its own, not those of Node', () => {
  const server = createHttp(AROUND_NOTHING)
  expect(server).toMatchObject({
    headersTimeout: LIMITS.headersTimeoutMs,
    requestTimeout: LIMITS.requestTimeoutMs,
    keepAliveTimeout: LIMITS.keepAliveTimeoutMs,
    maxConnections: LIMITS.maxConnections,
  })
})

test('whoever does not come to the end of its headers is cut off', async () => {
  const server = createHttp(AROUND_NOTHING)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const began = performance.now()
  const socket = connect(port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\n')
  let answer = ''
  socket.on('data', chunk => {
    answer += chunk
  })
  await new Promise(resolve => socket.once('close', resolve))
  server.close()
  expect(answer).toMatch(/^HTTP\/1\.1 408 /)
  expect(performance.now() - began).toBeLessThan(LIMITS.headersTimeoutMs + 3 * LIMITS.connectionsCheckMs)
}, 30_000)
