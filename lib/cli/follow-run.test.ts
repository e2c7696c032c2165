// Against a server of the raw WebSocket that breaks off where the test wants it.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { createClient } from './client.ts'
import { EXIT } from './exit-codes.ts'
import { followRun } from './follow-run.ts'

const event = (seq: number) =>
  JSON.stringify({
    run_id: 'r',
    seq,
    ts: seq,
    iteration: 1,
    kind: 'log',
    payload: { level: 'info', message: '' },
  })

/** What the server does with its first, second … connection; where each began. */
async function serve(...connections: ((socket: WebSocket) => void)[]) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const began: string[] = []
  server.on('connection', (socket, { url }) => {
    began.push(url ?? '')
    connections[began.length - 1]?.(socket)
  })
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo // it listens on a port
  return { server, began, client: createClient({ server: `http://127.0.0.1:${port}`, token: null }) }
}

test('a connection that breaks is made again after the last event, and no event comes twice', async () => {
  const onReconnect = vi.fn()
  const { client, began } = await serve(
    socket => {
      socket.send(event(1))
      socket.send(event(2), () => socket.terminate())
    },
    socket => {
      socket.send(event(2))
      socket.send(event(3))
      socket.close(1000)
    },
  )
  const seqs: number[] = []
  // No patience at all: it is counted from the loss, not from the last event, however long the run was silent.
  for await (const { seq } of followRun({ client, runId: 'r', patienceMs: 0, onReconnect })) seqs.push(seq)
  expect(seqs).toEqual([1, 2, 3])
  expect(began).toEqual(['/api/ws/r?after=0', '/api/ws/r?after=2'])
  expect(onReconnect).toHaveBeenCalledTimes(1)
})

test('a server that stays away ends the following, with the address and the exit code for it', async () => {
  const { client, server } = await serve(socket => {
    server.close()
    socket.send(event(1), () => socket.terminate())
  })
  const follow = async () => {
    for await (const _ of followRun({ client, runId: 'r', patienceMs: 300 }));
  }
  await expect(follow()).rejects.toMatchObject({
    exitCode: EXIT.unreachable,
    message: expect.stringContaining(client.server),
  })
})
