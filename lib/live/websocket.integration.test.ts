// The raw WebSocket of the public contract: whoever connects, whenever, gets every event once, in order.
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { followSse } from '#lib/testing/follow-sse'
import { type Follower, followWs } from '#lib/testing/follow-ws'
import { bash, patch, repairShell, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { type Answer, text, toolUse, turn } from '#lib/testing/messages-script'
import { openStage, type Stage } from '#lib/testing/stage'
import { waitFor } from '#lib/testing/wait-for'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.close())

const TURNS = 12
const longScript: Answer[] = [
  ...Array.from({ length: TURNS }, (_, index) =>
    turn([text(`Turn ${index}`), bash(`echo turn ${index}; sleep 0.02`)]),
  ),
  turn([patch('app.txt', 'broken', 'works')]),
  turn([text('app.txt says works now.')]),
]

const seqsOf = ({ events }: Follower) => events.map(({ seq }) => seq)
const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)

describe('clients of one run', () => {
  it('get the same events, seq 1…n without gap or duplicate: before, in the middle with any after, and after the end', async () => {
    const cwd = await stage.project(SHELL_PROJECT, longScript)
    const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd })
    const early = followWs(stage.server.url, runId)
    const middle: { after: number; follower: Follower }[] = []
    // One joins whenever the first has seen three more events, somewhere in what there is by then.
    while (middle.length < 15) {
      const known = await waitFor('more events come', () => {
        const { length } = early.events
        const isOver = early.events.at(-1)?.kind === 'run_end'
        return length >= 3 * (middle.length + 1) || isOver ? length : 0
      })
      const after = Math.floor(Math.random() * (known + 1))
      middle.push({ after, follower: followWs(stage.server.url, runId, { after }) })
    }
    expect(await early.closed).toMatchObject({ code: 1000 })
    const last = early.events.length
    expect(last).toBeGreaterThan(TURNS * 4)
    expect(seqsOf(early)).toEqual(upTo(last))
    for (const { after, follower } of middle) {
      expect(await follower.closed).toMatchObject({ code: 1000 })
      expect(follower.events).toEqual(early.events.slice(after))
    }
    const late = followWs(stage.server.url, runId)
    expect(await late.closed).toMatchObject({ code: 1000 })
    expect(late.events).toEqual(early.events)
  })

  it('that connect again and again with after miss nothing and get nothing twice', async () => {
    const cwd = await stage.project(SHELL_PROJECT, longScript)
    const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd })
    const seen: number[] = []
    for (let code = 0; code !== 1000; ) {
      const follower = followWs(stage.server.url, runId, { after: seen.length })
      const enough = 1 + Math.floor(Math.random() * 7)
      follower.socket.on('message', () => {
        if (follower.events.length >= enough) follower.socket.terminate()
      })
      code = (await follower.closed).code
      seen.push(...seqsOf(follower))
    }
    const { last_seq: last } = await stage.client.until(runId, 'achieved')
    expect(seen).toEqual(upTo(last))
  })

  it('of an ended run who have all of it already are told so at once', async () => {
    const cwd = await stage.project(SHELL_PROJECT, repairShell)
    const run = await stage.client.finish({ ...SHELL_GOAL, cwd })
    const follower = followWs(stage.server.url, run.run_id, { after: run.last_seq })
    expect(await follower.closed).toMatchObject({ code: 1000 })
    expect(follower.events).toEqual([])
  })
})

describe('what cannot be followed is refused with a reason', () => {
  it.each(['00000000-0000-4000-8000-000000000000', 'nonsense', '%F0%9F%92%A9', '..%2f..%2fruns'])(
    'an unknown run %s: one frame, then 4404',
    async name => {
      const follower = followWs(stage.server.url, name)
      expect(await follower.closed).toMatchObject({ code: 4404 })
      expect(follower.others).toEqual([{ error: `Run not found: ${decodeURIComponent(name)}` }])
      expect(follower.events).toEqual([])
    },
  )

  it('an after beyond the run: 4409, and the run is not disturbed', async () => {
    const cwd = await stage.project(SHELL_PROJECT, repairShell)
    const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd, hitl_enabled: true })
    const follower = followWs(stage.server.url, runId, { after: 1_000_000 })
    expect(await follower.closed).toMatchObject({ code: 4409, reason: expect.stringContaining('ahead') })
    expect(follower.others).toEqual([{ error: expect.stringContaining('after=1000000') }])
    await stage.client.until(runId, 'achieved')
  })

  it.each(['-1', '1.5', 'abc', '1e400'])('after=%s: 4400', async after => {
    const cwd = await stage.project({ ...SHELL_PROJECT, 'app.txt': 'works\n' })
    const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd })
    const follower = followWs(stage.server.url, runId, { after })
    expect(await follower.closed).toMatchObject({ code: 4400 })
    expect(follower.events).toEqual([])
  })

  it('a frame of more than 64 KiB from a client: 1009, and the run goes on', async () => {
    const cwd = await stage.project(SHELL_PROJECT, longScript)
    const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd })
    const follower = followWs(stage.server.url, runId)
    await follower.opened
    follower.socket.send(Buffer.alloc(70_000))
    expect(await follower.closed).toMatchObject({ code: 1009 })
    await stage.client.until(runId, 'achieved')
  })
})

describe('live text and output', () => {
  it('come to those who ask with deltas=1, without seq, and are the text that is stored then', async () => {
    const said = 'A rather long sentence about what is done next, so that it comes in pieces. '
      .repeat(4)
      .trim()
    const script = [turn([text(said), bash('echo one; sleep 0.1; echo two')]), ...repairShell.slice(0, 1)]
    const cwd = await stage.project(SHELL_PROJECT, script)
    const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd })
    const asked = followWs(stage.server.url, runId, { deltas: true })
    const plain = followWs(stage.server.url, runId)
    await Promise.all([asked.closed, plain.closed])
    expect(plain.ephemeral).toEqual([])
    expect(plain.events).toEqual(asked.events)
    const texts = asked.ephemeral.flatMap(event => (event.kind === 'text_delta' ? [event.payload.text] : []))
    const chunks = asked.ephemeral.flatMap(event =>
      event.kind === 'step_progress' && event.payload.tool === 'bash_exec' ? [event.payload.chunk] : [],
    )
    expect(texts.length).toBeGreaterThan(1)
    expect(texts.join('')).toContain(said)
    expect(chunks.join('')).toContain('one\ntwo\n')
    for (const event of asked.ephemeral) expect(event).not.toHaveProperty('seq')
    expect(seqsOf(asked)).toEqual(upTo(asked.events.length))
  })
})

describe('a client that does not read', () => {
  it('is dropped with 1013 while others get everything, and has it all after it comes back', async () => {
    // About 12 MB of events: more than the buffers of the system and ours hold.
    const reads = Array.from({ length: 70 }, () => toolUse('file_read', { path: 'large.txt' }))
    const large = Array.from({ length: 600 }, (_, line) => `${line} ${'x'.repeat(100)}`).join('\n')
    const script = [turn(reads), turn(reads), turn(reads), ...repairShell.slice(0, 1)]
    const cwd = await stage.project({ ...SHELL_PROJECT, 'large.txt': large }, script)
    const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd })
    const slow = await rawFollower(stage.server.url, runId)
    const quick = followWs(stage.server.url, runId)
    expect(await quick.closed).toMatchObject({ code: 1000 })
    const last = quick.events.length
    expect(seqsOf(quick)).toEqual(upTo(last))

    // It reads again only when the server has given it up.
    await waitFor('the server drops the slow client', () =>
      stage.server.stderr().includes('slow WebSocket client'),
    )
    const { seen, code } = await slow.readAll()
    expect(code).toBe(1013)
    expect(seen).toEqual(upTo(seen.length))
    expect(seen.length).toBeLessThan(last)
    const back = followWs(stage.server.url, runId, { after: seen.length })
    expect(await back.closed).toMatchObject({ code: 1000 })
    expect([...seen, ...seqsOf(back)]).toEqual(upTo(last))
  })
})

/** A client that opens the connection and then reads nothing until it is asked to. */
async function rawFollower(url: string, runId: string) {
  const { port, host } = new URL(url)
  const socket: Socket = connect(Number(port), '127.0.0.1')
  await new Promise(resolve => socket.once('connect', resolve))
  socket.write(
    `GET /api/ws/${runId} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  )
  const first = await new Promise<Buffer>(resolve => socket.once('data', resolve))
  socket.pause()
  return {
    /** Reads on, to the end of the connection. */
    async readAll(): Promise<{ seen: number[]; code: number | null }> {
      const chunks = [first]
      const ended = new Promise(resolve => socket.once('close', resolve))
      socket.on('data', chunk => chunks.push(chunk)).on('error', () => {})
      socket.resume()
      await ended
      const all = Buffer.concat(chunks)
      return readFrames(all.subarray(all.indexOf('\r\n\r\n') + 4))
    },
  }
}

/** Unmasked frames of a server: text frames are events, a close frame has its code. */
function readFrames(bytes: Buffer): { seen: number[]; code: number | null } {
  const seen: number[] = []
  let code: number | null = null
  for (let at = 0; at + 2 <= bytes.length; ) {
    const opcode = bytes[at]! & 0x0f
    let length = bytes[at + 1]! & 0x7f
    at += 2
    if (length === 126) {
      length = bytes.readUInt16BE(at)
      at += 2
    } else if (length === 127) {
      length = Number(bytes.readBigUInt64BE(at))
      at += 8
    }
    if (at + length > bytes.length) break
    const payload = bytes.subarray(at, at + length)
    if (opcode === 1) seen.push((JSON.parse(payload.toString()) as { seq: number }).seq)
    if (opcode === 8) code = payload.readUInt16BE(0)
    at += length
  }
  return { seen, code }
}

describe('the same with HTTP alone', () => {
  it('server-sent events and NDJSON are the events of the WebSocket, and what a client knows is not sent again', async () => {
    const cwd = await stage.project(SHELL_PROJECT, repairShell)
    const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd })
    const socket = followWs(stage.server.url, runId)
    const stream = await followSse(stage.server.url, runId)
    await Promise.all([socket.closed, stream.ended])
    expect(stream.events).toEqual(socket.events)
    const last = stream.events.length
    const done = await followSse(stage.server.url, runId, { headers: { 'last-event-id': String(last) } })
    expect(done.status).toBe(204)

    const path = `/api/runs/${runId}/events`
    const accept = 'application/x-ndjson'
    const ndjson = async (headers: Record<string, string> = {}, query = '') => {
      const { text } = await stage.client.request('GET', path + query, { headers: { accept, ...headers } })
      return text.split('\n').flatMap(line => (line === '' ? [] : [JSON.parse(line) as unknown]))
    }
    expect(await ndjson()).toEqual(stream.events)
    expect(await ndjson({ 'last-event-id': '5' })).toEqual(stream.events.slice(5))
    expect(await ndjson({}, '?limit=3')).toEqual(stream.events.slice(0, 3))
    const refused = await stage.client.request('GET', `${path}?deltas=1`)
    expect(refused.status).toBe(400)
  })
})
