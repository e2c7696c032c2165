// Answers that no right server sends. None may end the process, leave something behind, or become half a tool call.
import { getEventListeners } from 'node:events'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { createAnthropicModel } from './anthropic.ts'
import type { ModelRequest, Retry } from './model.ts'
import { DEFAULT_TIMING, type Timing } from './retry.ts'
import {
  head,
  STREAM_HEAD,
  sse,
  startWireServer,
  type WireAnswer,
  type WireServer,
} from './wire-server.fixture.ts'

let server: WireServer | undefined
afterEach(() => server?.close())

const timing: Timing = {
  ...DEFAULT_TIMING,
  baseMs: 1,
  maxMs: 5,
  patienceMs: 10_000,
  idleMs: 2000,
  reportMs: 0,
}

const START = { type: 'message_start', message: { model: 'm', usage: { input_tokens: 7, output_tokens: 1 } } }
const CALL = { type: 'tool_use', id: 'toolu_1', name: 'bash_exec', input: {} }
const begin = (index: number, block: unknown) => ({
  type: 'content_block_start',
  index,
  content_block: block,
})
const piece = (index: number, delta: unknown) => ({ type: 'content_block_delta', index, delta })
const args = (index: number, json: string) => piece(index, { type: 'input_json_delta', partial_json: json })
const words = (index: number, text: string) => piece(index, { type: 'text_delta', text })
const stop = (index: number) => ({ type: 'content_block_stop', index })
const done = (reason: unknown = 'tool_use') => ({
  type: 'message_delta',
  delta: { stop_reason: reason },
  usage: { output_tokens: 5 },
})
const STOP = { type: 'message_stop' }
const TEXT = { type: 'text', text: '' }

const whole = [START, begin(0, TEXT), words(0, 'All is well.'), stop(0), done('end_turn'), STOP]
const call = [START, begin(0, CALL), args(0, '{"command":'), args(0, '"ls"}'), stop(0), done(), STOP]
const body = (events: unknown[]) => events.map(sse).join('')
const stream = (...events: unknown[]): WireAnswer => ({ pieces: [STREAM_HEAD, body(events)] })
const good = stream(...whole)

async function ask(answers: WireAnswer[], clocks: Partial<Timing> = {}) {
  server = await startWireServer(answers)
  const { signal } = new AbortController()
  const retries: Retry[] = []
  const model = createAnthropicModel({
    name: 'm',
    apiModel: 'm',
    baseUrl: server.url,
    apiKey: 'sk-secret',
    price: null,
    contextWindow: null,
    maxOutputTokens: null,
    timing: { ...timing, ...clocks },
  })
  const request: ModelRequest = {
    system: '',
    tools: [],
    messages: [{ role: 'user', content: 'Hello' }],
    signal,
    onRetry: retry => void retries.push(retry),
  }
  try {
    return { response: await model.complete(request), retries }
  } finally {
    expect(getEventListeners(signal, 'abort')).toEqual([])
  }
}

const endless = (unit: string, times: number): string[] => Array.from({ length: times }, () => unit)

const MEGABYTE = 'x'.repeat(1 << 20)
const asStream = { 'content-type': 'text/event-stream' }
const partial = body(call.slice(0, 3))

describe('an answer of', () => {
  const faults: [string, WireAnswer, RegExp][] = [
    [
      'one line of 20 MiB',
      { pieces: [STREAM_HEAD, 'data: ', ...endless(MEGABYTE, 20)] },
      /larger than 16 MiB/,
    ],
    ['20 MiB of comments', { pieces: [STREAM_HEAD, ...endless(`:${MEGABYTE}\n`, 20)] }, /larger than 16 MiB/],
    [
      '20 MiB of fields without an end',
      { pieces: [STREAM_HEAD, ...endless(`data:${MEGABYTE}\n`, 20)] },
      /16 MiB/,
    ],
    [
      '20 MiB in events',
      { pieces: [STREAM_HEAD, body(whole.slice(0, 2)), ...endless(sse(words(0, MEGABYTE)), 20)] },
      /larger than 16 MiB/,
    ],
    [
      'a few bytes that unpack to 64 MiB',
      {
        pieces: [
          head(200, { ...asStream, 'content-encoding': 'gzip' }),
          gzipSync(Buffer.alloc(64 << 20, ':')),
        ],
      },
      /larger than 16 MiB/,
    ],
    [
      'bytes that are not gzip although it says so',
      { pieces: [head(200, { ...asStream, 'content-encoding': 'gzip' }), partial] },
      /connection failed|nothing came/,
    ],
    [
      'a page without end',
      { pieces: [head(502, { 'content-type': 'text/html' }), ...endless(MEGABYTE, 40)] },
      /502/,
    ],
    [
      'an error whose page is damaged gzip',
      { pieces: [head(503, { 'content-encoding': 'gzip' }), 'no'] },
      /503|nothing came/,
    ],
    [
      'an error whose page is reset',
      { pieces: [head(500, { 'content-length': '99' }), 'no'], after: 'reset' },
      /500/,
    ],
    ['a status beyond all', { pieces: [head(999), 'denied'] }, /599: denied/],
    [
      'headers without end',
      { pieces: ['HTTP/1.1 200 OK\r\n', ...endless(`x-a: ${'y'.repeat(999)}\r\n`, 99)] },
      /Headers/,
    ],
    [
      'early hints without end',
      { pieces: endless('HTTP/1.1 103 Early Hints\r\n\r\n', 200), after: 'hang' },
      /nothing came/,
    ],
    ['something that is not HTTP', { pieces: ['220 mail.test ESMTP\r\n'] }, /connection failed/],
    ['nothing', { pieces: [] }, /connection failed/],
    ['a reset', { pieces: [], after: 'reset' }, /connection failed/],
    ['no content', { pieces: [head(204, asStream)] }, /is empty/],
    [
      'an empty body',
      { pieces: [head(200, { ...asStream, 'content-length': '0' })] },
      /before the message began/,
    ],
    ['an empty body without a type', { pieces: [head(200)] }, /not an event stream \(content type none\)/],
    [
      'a page to sign in',
      { pieces: [head(200, { 'content-type': 'text/html' }), '<p>Sign in'] },
      /not an event stream/,
    ],
    [
      'JSON instead of events',
      { pieces: [head(200, { 'content-type': 'application/json' }), '{}'] },
      /not an event stream/,
    ],
    [
      'a redirect to a sign-in page',
      { pieces: [head(302, { location: 'http://portal.test/' })] },
      /redirects to http:\/\/portal.test/,
    ],
    [
      'bytes that are not UTF-8',
      { pieces: [STREAM_HEAD, partial, Buffer.from([0x22, 0xff, 0xfe]), '\n\n'] },
      /not UTF-8/,
    ],
    [
      'half a character at its end',
      { pieces: [STREAM_HEAD, body(whole), Buffer.from('🏔').subarray(0, 2)] },
      /^$/,
    ],
    [
      'an error that has no event name',
      stream(START, { error: { type: 'overloaded_error', message: 'Too busy' } }),
      /529: Too busy/,
    ],
    ['lists and numbers', stream(START, [], 7), /not an event/],
  ]

  it.each(faults)('%s is tried again, or left out', async (_, broken, reason) => {
    const before = process.memoryUsage.rss()
    const { response, retries } = await ask([broken, good], { idleMs: 700 })
    expect(response.content).toEqual([{ type: 'text', text: 'All is well.' }])
    if (reason.source !== '^$')
      expect(retries).toMatchObject([{ attempt: 1, reason: expect.stringMatching(reason) }])
    expect(retries.every(retry => retry.reason.length < 500)).toBe(true)
    expect(process.memoryUsage.rss() - before).toBeLessThan(400 << 20)
  })

  it('any of these kinds leaves no connection behind', async () => {
    await ask([...faults.map(([, broken]) => broken), good], { idleMs: 700 })
    // Node's fetch keeps a connection that was closed on the other side for its keep-alive time.
    await expect.poll(() => server?.open(), { timeout: 8000 }).toBe(0)
  })

  it('a lasting redirect ends the call, says where to, and takes no key along', async () => {
    const elsewhere = await startWireServer([good])
    try {
      const moved = { pieces: [head(308, { location: `${elsewhere.url}/v1/messages` })] }
      await expect(ask([moved])).rejects.toMatchObject({
        failure: 'rejected',
        message: expect.stringContaining(elsewhere.url),
      })
      expect(elsewhere.requests).toEqual([])
    } finally {
      await elsewhere.close()
    }
  })

  it('a name that does not resolve and a server without TLS are out of reach, and the call says why', async () => {
    server = await startWireServer([{ pieces: ['HTTP/1.1 400 Bad Request\r\n\r\n'] }])
    for (const baseUrl of ['http://no-such-host.invalid', server.url.replace('http:', 'https:')]) {
      const model = createAnthropicModel({
        ...{ name: 'm', apiModel: 'm', baseUrl, apiKey: 'sk-secret' },
        ...{ price: null, contextWindow: null, maxOutputTokens: null, timing: { ...timing, patienceMs: 20 } },
      })
      const { signal } = new AbortController()
      const messages: ModelRequest['messages'] = [{ role: 'user', content: 'Hello' }]
      await expect(model.complete({ system: '', tools: [], messages, signal })).rejects.toMatchObject({
        failure: 'unavailable',
        message: expect.stringMatching(/ENOTFOUND|EAI_AGAIN|nothing came|SSL|ssl|TLS/),
      })
    }
  })
})

describe('a stream with', () => {
  const broken: [string, unknown[], RegExp][] = [
    ['an end but no stop reason', [...call.slice(0, 5), STOP], /before the message was complete/],
    ['a stop reason that is none', [...call.slice(0, 5), done(7), STOP], /before the message was complete/],
    ['a message of nothing', [{ type: 'message_start' }, ...call.slice(1)], /began with nothing/],
    ['no beginning', call.slice(1), /before the message began/],
    ['two beginnings', [START, ...call], /second message/],
    ['a block that never ends', [...call.slice(0, 4), done(), STOP], /within a content block/],
    ['a block that never began', [START, args(0, '{}'), stop(0), done(), STOP], /not open/],
    ['a piece after the end of its block', [...call.slice(0, 5), args(0, '"'), done(), STOP], /not open/],
    ['a block twice', [...call.slice(0, 2), ...call.slice(1)], /twice/],
    [
      'a block without a number',
      [START, { type: 'content_block_start', content_block: CALL }, done()],
      /twice/,
    ],
    ['a block of nothing', [START, begin(0, null), stop(0), done(), STOP], /that is none/],
    ['a block without a kind', [START, begin(0, { text: 'x' }), stop(0), done(), STOP], /that is none/],
    ['a block after the end', [START, done(), begin(0, CALL), stop(0), STOP], /after the end/],
    ['text that is none', [START, begin(0, { type: 'text', text: {} }), stop(0), done(), STOP], /no text/],
    ['a piece of nothing', [START, begin(0, CALL), piece(0, null), stop(0), done(), STOP], /that is none/],
    [
      'arguments that are no text',
      [START, begin(0, CALL), piece(0, { type: 'input_json_delta' })],
      /no text/,
    ],
    [
      'text in a call',
      [START, begin(0, CALL), words(0, 'x'), stop(0), done(), STOP],
      /text_delta in a tool_use/,
    ],
    [
      'arguments in a text',
      [START, begin(0, TEXT), args(0, '{}'), stop(0), done(), STOP],
      /input_json_delta in a text/,
    ],
    [
      'an unknown piece in a call',
      [START, begin(0, CALL), piece(0, { type: 'new' }), stop(0), done()],
      /new in a tool_use/,
    ],
    [
      'a block nested 20,000 deep',
      [START, begin(0, { ...CALL, input: '@' }), stop(0), done(), STOP],
      /that is none/,
    ],
  ]

  it.each(broken)('%s is no answer', async (_, events, reason) => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
    const wire = { pieces: [STREAM_HEAD, body(events).replace('"@"', deep)] }
    const { response, retries } = await ask([wire, good])
    expect(response.content).toEqual([{ type: 'text', text: 'All is well.' }])
    expect(retries[0]?.reason).toMatch(reason)
  })

  const calls = async (...events: unknown[]) => {
    const { response } = await ask([stream(START, ...events, done(), STOP)])
    expect(response.attempts).toBe(1)
    return response
  }

  it('blocks, pieces and events of kinds nobody knows is taken without them', async () => {
    const response = await calls(
      { type: 'news' },
      begin(0, { type: 'hologram', depth: 3 }),
      piece(0, { type: 'light_delta', light: 1 }),
      words(0, 'not text'),
      stop(0),
      begin(1, TEXT),
      piece(1, { type: 'colour_delta' }),
      words(1, 'Yes.'),
      stop(1),
      begin(2, CALL),
      args(2, '{"a":1}'),
      stop(2),
    )
    expect(response.content).toEqual([
      { type: 'text', text: 'Yes.' },
      { ...CALL, input: { a: 1 } },
    ])
  })

  it('figures that are no counts keeps the last that were', async () => {
    const odd = {
      type: 'message_delta',
      delta: {},
      usage: { input_tokens: -3, output_tokens: 1.5, cache_read_input_tokens: 'x' },
    }
    const { response } = await ask([stream(START, odd, { ...odd, usage: 4 }, ...whole.slice(1))])
    expect(response.usage).toEqual({
      input_tokens: 7,
      output_tokens: 5,
      cache_read_input_tokens: 0,
      cache_creation_input_tokens: 0,
    })
  })

  it('calls without a usable id or name gives them ones that can be sent back and are no tool’s', async () => {
    const ids = ['', '__proto__', 'constructor', 'a b', 7, 'same', 'same']
    const response = await calls(
      ...ids.flatMap((id, index) => [
        begin(index, { ...CALL, id, name: 'bash exec' }),
        args(index, '{"x'),
        stop(index),
      ]),
    )
    const used = response.content.map(block => block.type === 'tool_use' && block.id)
    expect(used).toEqual(['call', 'call_2', 'call_3', 'call_4', 'call_5', 'same', 'same_2'])
    expect(Object.keys(response.malformedArgs)).toEqual(used)
    expect(response.content[0]).toMatchObject({ name: 'unknown_bash_exec' })
  })

  it('arguments nested 20,000 deep has malformed ones, which can be stored', async () => {
    const json = `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`
    const response = await calls(begin(0, CALL), args(0, json), stop(0))
    expect(response.malformedArgs).toEqual({ toolu_1: json })
    expect(response.content).toMatchObject([{ input: {} }])
  })

  it('halves of characters has none of them afterwards, and whole ones that were cut between pieces', async () => {
    const response = await calls(
      begin(0, TEXT),
      words(0, 'a\ud83c'),
      words(0, '\udfd4 b\ud83c'),
      stop(0),
      begin(1, CALL),
      args(1, '{"\\ud800":"\\udfd4 \\ud83c\\udfd4"}'),
      stop(1),
    )
    expect(response.content).toMatchObject([{ text: 'a🏔 b\ufffd' }, { input: { '\ufffd': '\ufffd 🏔' } }])
  })

  it('a thousand calls keeps as many as anyone works through', async () => {
    const many = Array.from({ length: 1000 }, (_, index) => [
      begin(index, { ...CALL, id: `t${index}` }),
      stop(index),
    ])
    const { content } = await calls(...many.flat())
    expect(content).toHaveLength(256)
    expect(content.at(-1)).toMatchObject({ id: 't255', input: {} })
  })

  it('comments as its only sign of life is alive', async () => {
    const answer = {
      async *[Symbol.asyncIterator]() {
        yield STREAM_HEAD
        for (let i = 0; i < 12; i++) {
          await new Promise(resolve => setTimeout(resolve, 100))
          yield ': still here\n\n'
        }
        yield body(whole)
      },
    }
    const { response } = await ask([{ pieces: answer }], { idleMs: 600 })
    expect(response.attempts).toBe(1)
  })
})

it('an answer is the same however its bytes are cut into packets', async () => {
  const bytes = Buffer.from(
    body([
      START,
      begin(0, TEXT),
      words(0, 'größer 🏔️ ไทย'),
      stop(0),
      ...call.slice(1).map(e => ({ ...e, ...('index' in e ? { index: 1 } : {}) })),
    ]),
  )
  const single = Array.from(bytes, byte => Buffer.from([byte]))
  const { response } = await ask([{ pieces: [STREAM_HEAD, ...single] }])
  expect(response).toMatchObject({
    attempts: 1,
    content: [{ text: 'größer 🏔️ ไทย' }, { id: 'toolu_1', input: { command: 'ls' } }],
  })
})
