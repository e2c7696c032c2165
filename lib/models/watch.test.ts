import { getEventListeners, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { createAnthropicModel } from './anthropic.ts'
import { DEFAULT_TIMING } from './retry.ts'
import { watchAttempt } from './watch.ts'

/** The process stands still, as with SIGSTOP or on a laptop that sleeps. */
const freeze = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

const never = () => new AbortController().signal
const aborted = (signal: AbortSignal) => signal.aborted || once(signal, 'abort')

// A server of its own thread goes on while the test stands still.
const SERVER = `
const { createServer } = require('node:http')
const { parentPort } = require('node:worker_threads')
const sse = data => 'data: ' + JSON.stringify(data) + '\\n\\n'
const requests = []
const server = createServer((request, response) => {
  request.resume()
  parentPort.postMessage('request')
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(
    sse({ type: 'message_start', message: { model: 'm', usage: {} } }) +
      sse({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }) +
      sse({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Half' } }),
  )
  setTimeout(() => {
    response.end(
      sse({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: ' and half' } }) +
        sse({ type: 'content_block_stop', index: 0 }) +
        sse({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: {} }) +
        sse({ type: 'message_stop' }),
    )
  }, 200)
})
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
`

describe('an attempt', () => {
  it.each([
    ['idle', { idleMs: 30, totalMs: 60_000 }, 'nothing came for 0.03 s'],
    ['total', { idleMs: 60_000, totalMs: 30 }, 'the answer was not complete after 0.03 s'],
  ])('that is too slow is ended by its %s clock', async (_, timing, reason) => {
    const watch = watchAttempt(timing, never())
    await aborted(watch.signal)
    expect(watch.overdue()?.message).toBe(reason)
    watch.end()
  })

  it('is not silent while something comes', async () => {
    const watch = watchAttempt({ idleMs: 200, totalMs: 60_000 }, never())
    for (let i = 0; i < 10; i++) {
      await sleep(30)
      watch.alive()
    }
    expect(watch.overdue()).toBeNull()
    await aborted(watch.signal)
    watch.end()
  })

  it('has one more moment after a standstill of the process, and no more than that', async () => {
    const watch = watchAttempt({ idleMs: 50, totalMs: 60_000 }, never())
    freeze(1200)
    const woken = performance.now()
    await aborted(watch.signal)
    expect(performance.now() - woken).toBeGreaterThan(900)
    expect(watch.overdue()?.message).toBe('nothing came for 0.05 s')
    watch.end()
  })

  it('that has ended leaves no timer and no listener, whatever still comes', async () => {
    const { signal } = new AbortController()
    const timers = () => process.getActiveResourcesInfo().filter(kind => kind === 'Timeout').length
    const before = timers()
    const watch = watchAttempt({ idleMs: 60_000, totalMs: 60_000 }, signal)
    watch.alive()
    watch.closeWithin(60_000)
    expect(timers()).toBeGreaterThan(before)
    watch.end()
    watch.alive()
    expect(timers()).toBe(before)
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})

it.each([
  ['idle', { idleMs: 500, totalMs: 60_000 }],
  ['total', { idleMs: 60_000, totalMs: 700 }],
])(
  'an answer that came while the process stood still counts, although its %s clock is over',
  async (_, clocks) => {
    const worker = new Worker(SERVER, { eval: true })
    try {
      const [port] = await once(worker, 'message')
      let requests = 0
      worker.on('message', () => requests++)
      const model = createAnthropicModel({
        name: 'm',
        apiModel: 'm',
        baseUrl: `http://127.0.0.1:${port}`,
        apiKey: null,
        price: null,
        contextWindow: null,
        maxOutputTokens: null,
        timing: { ...DEFAULT_TIMING, baseMs: 1, ...clocks },
      })
      let isFrozen = false
      const response = await model.complete({
        system: '',
        tools: [],
        messages: [{ role: 'user', content: 'Hello' }],
        signal: never(),
        onText() {
          if (!isFrozen) freeze(2500)
          isFrozen = true
        },
      })
      expect(response).toMatchObject({ attempts: 1, content: [{ text: 'Half and half' }] })
      expect(requests).toBe(1)
    } finally {
      await worker.terminate()
    }
  },
)
