import { getEventListeners } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import {
  type Answer,
  fault,
  redactedThinking,
  text,
  thinking,
  toolUse,
  toolUseRaw,
  turn,
} from '#lib/testing/messages-script'
import { type MessagesServer, startMessagesServer } from '#lib/testing/messages-server'
import { createAnthropicModel } from './anthropic.ts'
import type { Message, ModelRequest, Retry } from './model.ts'
import { factsOf } from './pricing.ts'
import { DEFAULT_TIMING, type Timing } from './retry.ts'

let server: MessagesServer
afterEach(() => server.close())

const timing: Timing = {
  ...DEFAULT_TIMING,
  baseMs: 1,
  maxMs: 5,
  patienceMs: 10_000,
  idleMs: 2000,
  totalMs: 10_000,
}
const hello: Message[] = [{ role: 'user', content: 'Hello' }]
const good = turn([text('All is well.')])

async function serve(...script: (Answer | Answer[])[]): Promise<void> {
  server = await startMessagesServer({ script })
}

function modelWith(options: { timing?: Partial<Timing>; apiKey?: string | null } = {}) {
  const { price, contextWindow, maxOutputTokens } = factsOf('claude-sonnet-4-6')
  return createAnthropicModel({
    name: 'claude-sonnet-4-6',
    apiModel: 'claude-sonnet-4-6',
    baseUrl: server.url,
    apiKey: options.apiKey === undefined ? 'sk-secret' : options.apiKey,
    price,
    contextWindow,
    maxOutputTokens,
    timing: { ...timing, ...options.timing },
  })
}

const ask = (request: Partial<ModelRequest> = {}): ModelRequest => ({
  system: 'Be brief.',
  tools: [],
  messages: hello,
  signal: new AbortController().signal,
  ...request,
})

describe('an answer', () => {
  it('says that the text of an attempt that broke off is void, and nothing of one that gave none', async () => {
    await serve([fault.cutAfter(5), fault.status(529), good])
    const told: string[] = []
    await modelWith().complete(
      ask({ onText: delta => told.push(delta), onDiscard: () => told.push('[discarded]') }),
    )
    const [before, after] = told.join('').split('[discarded]')
    expect(before).not.toBe('')
    expect(after).toBe('All is well.')
    expect(told.filter(word => word === '[discarded]')).toHaveLength(1)
  })

  it('comes as it is written, and whole at the end', async () => {
    await serve(
      turn([text('I look into it, carefully: größer 🏔️'), toolUse('bash_exec', { command: 'ls' }, 'toolu_1')]),
    )
    const deltas: string[] = []
    const response = await modelWith().complete(ask({ onText: delta => deltas.push(delta) }))
    expect(deltas.length).toBeGreaterThan(1)
    expect(deltas.join('')).toBe('I look into it, carefully: größer 🏔️')
    expect(response).toMatchObject({
      content: [
        { type: 'text', text: 'I look into it, carefully: größer 🏔️' },
        { type: 'tool_use', id: 'toolu_1', name: 'bash_exec', input: { command: 'ls' } },
      ],
      stopReason: 'tool_use',
      model: 'claude-sonnet-4-6',
      attempts: 1,
      malformedArgs: {},
    })
  })

  it('is billed by the last figures of the stream, which replace the first ones', async () => {
    const usage = {
      input_tokens: 1200,
      output_tokens: 340,
      cache_read_input_tokens: 50_000,
      cache_creation_input_tokens: 800,
    }
    await serve(turn([text('Done.')], { usage }))
    const response = await modelWith().complete(ask())
    expect(response.usage).toEqual(usage)
    expect(response.costUsd).toBeCloseTo(0.0036 + 0.0051 + 0.015 + 0.003, 12)
  })

  it('keeps thoughts and their signatures to the letter, so that they can be sent back', async () => {
    await serve(
      turn([thinking('Let me see…\n\n  first', 'EqQBCgIYAhIM+/='), redactedThinking('b64=='), text('Yes.')]),
      good,
    )
    const model = modelWith()
    const first = await model.complete(ask())
    expect(first.content).toEqual([
      { type: 'thinking', thinking: 'Let me see…\n\n  first', signature: 'EqQBCgIYAhIM+/=' },
      { type: 'redacted_thinking', data: 'b64==' },
      { type: 'text', text: 'Yes.' },
    ])
    // The server refuses thoughts that were changed.
    const messages: Message[] = [
      ...hello,
      { role: 'assistant', content: first.content },
      { role: 'user', content: 'Go on' },
    ]
    expect((await model.complete(ask({ messages }))).stopReason).toBe('end_turn')
  })

  it.each([
    ['cut off', '{"command": "ls', '{"command": "ls'],
    ['no JSON', 'ls -la', 'ls -la'],
    ['a list', '["ls"]', '["ls"]'],
    ['null', 'null', 'null'],
  ])('with arguments that are %s says so and calls the tool with nothing', async (_, json, raw) => {
    await serve(turn([toolUseRaw('bash_exec', json, 'toolu_1'), toolUse('ls', { a: 1 }, 'toolu_2')]))
    const response = await modelWith().complete(ask())
    expect(response.content).toMatchObject([{ input: {} }, { input: { a: 1 } }])
    expect(response.malformedArgs).toEqual({ toolu_1: raw })
  })

  it('without arguments is a call with none', async () => {
    await serve(turn([toolUseRaw('run_check', '', 'toolu_1')]))
    const response = await modelWith().complete(ask())
    expect(response.content).toMatchObject([{ type: 'tool_use', input: {} }])
    expect(response.malformedArgs).toEqual({})
  })

  it.each([
    'end_turn',
    'max_tokens',
    'refusal',
    'pause_turn',
    'stop_sequence',
    'model_context_window_exceeded',
  ])('that stops with %s says so', async stopReason => {
    await serve(turn([text('…')], { stopReason }))
    expect((await modelWith().complete(ask())).stopReason).toBe(stopReason)
  })

  it('that was cut by max_tokens within a tool call is passed on with the piece that came', async () => {
    await serve(
      turn([text('I write'), toolUseRaw('file_write', '{"path": "a", "cont', 'toolu_1')], {
        stopReason: 'max_tokens',
      }),
    )
    const response = await modelWith().complete(ask())
    expect(response).toMatchObject({
      stopReason: 'max_tokens',
      malformedArgs: { toolu_1: '{"path": "a", "cont' },
    })
  })

  it('may be empty; blank text, which could not be sent back, is dropped', async () => {
    await serve(turn([text('  ')]))
    expect(await modelWith().complete(ask())).toMatchObject({ content: [], stopReason: 'end_turn' })
  })
})

describe('what passes is tried again, and only a whole message counts', () => {
  const partial = turn([text('Half of this'), toolUse('bash_exec', { command: 'rm -rf build' })])
  const faults: [string, Answer, number | null, RegExp][] = [
    ['529', fault.status(529), 529, /HTTP 529/],
    ['500 with an HTML page', fault.html(502), 502, /^HTTP 502: Bad gateway/],
    ['429 with retry-after', fault.status(429, { retryAfter: 0.01, message: 'slow down' }), 429, /slow down/],
    ['a connection that breaks before any answer', fault.cutAfter(0), null, /connection failed/],
    ['a stream that breaks within a tool call', fault.cutAfter(9, partial), null, /connection failed/],
    ['a stream that breaks within an event', fault.cutAfterBytes(400, partial), null, /connection failed/],
    [
      'a stream that ends too early',
      fault.endAfter(4, partial),
      null,
      /ended before the message was complete/,
    ],
    ['a stream that ends before it began', fault.endAfter(0), null, /ended before the message began/],
    ['an error event after 200', fault.errorEvent('overloaded_error'), 529, /HTTP 529: Overloaded/],
    ['an event that is no JSON', fault.rawEvent('{"type": "content_bl'), null, /not an event/],
    ['a wrong content type', fault.contentType('text/html', '<p>Sign in</p>'), 200, /not an event stream/],
    [
      'a message without a stop reason',
      turn([text('x')], { stopReason: null }),
      null,
      /not complete|was complete/,
    ],
  ]

  it.each(faults)('%s', async (_, broken, status, reason) => {
    await serve([broken, good])
    const retries: Retry[] = []
    const response = await modelWith().complete(ask({ onRetry: retry => void retries.push(retry) }))
    expect(response).toMatchObject({ content: [{ text: 'All is well.' }], attempts: 2, malformedArgs: {} })
    expect(retries).toMatchObject([{ attempt: 1, status, reason: expect.stringMatching(reason) }])
    // The same request again, byte for byte.
    expect(server.requests[1]?.body).toEqual(server.requests[0]?.body)
  })

  it('a stream that falls silent', async () => {
    await serve([fault.hang({ events: 3 }), good])
    const retries: Retry[] = []
    const model = modelWith({ timing: { idleMs: 250 } })
    const response = await model.complete(ask({ onRetry: retry => void retries.push(retry) }))
    expect(response.attempts).toBe(2)
    expect(retries[0]?.reason).toBe('nothing came for 0.25 s')
    await expect.poll(() => server.requests[0]?.aborted).toBe(true)
  })

  it('a server that accepts and never answers', async () => {
    await serve([fault.hang(), good])
    expect((await modelWith({ timing: { idleMs: 250 } }).complete(ask())).attempts).toBe(2)
  })

  it('a stream that pings for ever, when its whole time is over', async () => {
    await serve([fault.hang({ events: 3, pingMs: 10 }), good])
    const retries: Retry[] = []
    const model = modelWith({ timing: { idleMs: 500, totalMs: 900 } })
    await model.complete(ask({ onRetry: retry => void retries.push(retry) }))
    // Not «nothing came»: the pings kept the idle clock from ending it first.
    expect(retries.map(retry => retry.reason)).toEqual(['the answer was not complete after 0.9 s'])
  })

  it('but a slow answer is left in peace', async () => {
    await serve(fault.drip(15, turn([text('Slowly, one word after the other, and each of them in time.')])))
    const response = await modelWith({ timing: { idleMs: 500 } }).complete(ask())
    expect(response.attempts).toBe(1)
  })

  it('waits as long as retry-after says', async () => {
    await serve([fault.status(429, { headers: { 'retry-after-ms': '300' } }), good])
    const retries: Retry[] = []
    const response = await modelWith().complete(ask({ onRetry: retry => void retries.push(retry) }))
    expect(retries[0]?.waitMs).toBeGreaterThanOrEqual(300)
    expect(response.durationMs).toBeGreaterThanOrEqual(300)
  })

  it('until the patience is used up', async () => {
    await serve(fault.status(529, { message: 'Overloaded' }))
    const model = modelWith({ timing: { patienceMs: 60 } })
    await expect(model.complete(ask())).rejects.toMatchObject({
      failure: 'unavailable',
      status: 529,
      message: expect.stringContaining('Overloaded'),
    })
    expect(server.requests.length).toBeGreaterThan(2)
  })

  it('and a server that is not there is unavailable, with the reason of the system', async () => {
    await serve()
    const model = modelWith({ timing: { patienceMs: 20 } })
    await server.close()
    await expect(model.complete(ask())).rejects.toMatchObject({
      failure: 'unavailable',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })
})

describe('what does not pass ends at once', () => {
  it.each([400, 401, 403, 404, 413, 422])(
    '%i is rejected in the provider’s words, without the key',
    async status => {
      await serve(fault.status(status, { message: `bad key sk-secret ${'x'.repeat(2000)}` }))
      const failure = await modelWith()
        .complete(ask())
        .catch(error => error)
      expect(failure).toMatchObject({ failure: 'rejected', status })
      expect(failure.message).toContain('bad key [key]')
      expect(failure.message).not.toContain('sk-secret')
      expect(failure.message.length).toBeLessThan(500)
      expect(server.requests).toHaveLength(1)
    },
  )

  it.each([
    [402, 'Billing'],
    [429, 'You have reached your monthly spend limit'],
    [400, 'Your credit balance is too low to access the Anthropic API'],
  ])('%i “%s” is a quota', async (status, message) => {
    await serve(fault.status(status, { message }))
    await expect(modelWith().complete(ask())).rejects.toMatchObject({ failure: 'quota', status })
    expect(server.requests).toHaveLength(1)
  })

  it('a key is missing at Anthropic’s own endpoint: nothing is sent', async () => {
    await serve()
    const model = createAnthropicModel({
      name: 'claude-sonnet-4-6',
      apiModel: 'claude-sonnet-4-6',
      baseUrl: 'https://api.anthropic.com/',
      apiKey: null,
      price: null,
      contextWindow: null,
      maxOutputTokens: null,
    })
    await expect(model.complete(ask())).rejects.toMatchObject({
      failure: 'no_key',
      message: 'ANTHROPIC_API_KEY is not set; set it or choose a scripted model',
    })
  })

  it('a key that cannot be a header is not shown', async () => {
    await serve()
    const failure = await modelWith({ apiKey: 'sk-\nsecret' })
      .complete(ask())
      .catch(error => error)
    expect(failure).toMatchObject({ name: 'ModelError' })
    expect(`${failure.message} ${failure.cause}`).not.toContain('secret')
  })
})

describe('an abort', () => {
  const cases: [string, Answer][] = [
    ['before the answer', fault.hang()],
    ['within the answer', fault.hang({ events: 4, pingMs: 20 })],
    ['while it waits to try again', fault.status(429, { retryAfter: 9 })],
  ]
  it.each(cases)(
    '%s ends the call at once, with the reason, and leaves nothing behind',
    async (_, answer) => {
      await serve(answer)
      const controller = new AbortController()
      const reason = new Error('the run was aborted')
      const call = modelWith()
        .complete(ask({ signal: controller.signal }))
        .catch(error => error)
      await expect.poll(() => server.requests[0]?.answered).toMatch(/hang|status/)
      const started = performance.now()
      controller.abort(reason)
      expect(await call).toBe(reason)
      expect(performance.now() - started).toBeLessThan(1000)
      expect(getEventListeners(controller.signal, 'abort')).toEqual([])
      expect(server.requests).toHaveLength(1)
    },
  )

  it('from before the call sends nothing', async () => {
    await serve(good)
    const reason = new Error('too late')
    await expect(modelWith().complete(ask({ signal: AbortSignal.abort(reason) }))).rejects.toBe(reason)
    expect(server.requests).toEqual([])
  })
})

it('leaves no listener on a long-lived signal and uses its connection again', async () => {
  await serve(good)
  const model = modelWith()
  const { signal } = new AbortController()
  for (let i = 0; i < 25; i++) await model.complete(ask({ signal }))
  expect(getEventListeners(signal, 'abort')).toEqual([])
  expect(await server.openConnections()).toBeLessThanOrEqual(2)
})

it('closes its connections when answers break', async () => {
  await serve([...Array.from({ length: 20 }, () => fault.hang({ events: 2 })), good])
  await modelWith({ timing: { idleMs: 60 } }).complete(ask())
  await expect.poll(() => server.openConnections()).toBeLessThanOrEqual(2)
})

describe('a request', () => {
  it('asks for as much output as the model can give, up to 32,000 tokens', async () => {
    await serve(good)
    const base = {
      name: 'm',
      apiModel: 'm',
      baseUrl: server.url,
      apiKey: null,
      price: null,
      contextWindow: null,
    }
    for (const maxOutputTokens of [null, 128_000, 8192]) {
      await createAnthropicModel({ ...base, maxOutputTokens, timing }).complete(ask())
    }
    expect(server.requests.map(request => request.body.max_tokens)).toEqual([32_000, 32_000, 8192])
  })

  it('carries the key in both headers that compatible servers know, or a placeholder', async () => {
    await serve(good)
    await modelWith().complete(ask())
    await modelWith({ apiKey: null }).complete(ask())
    expect(server.requests.map(({ headers }) => [headers.authorization, headers['x-api-key']])).toEqual([
      ['Bearer sk-secret', 'sk-secret'],
      ['Bearer none', 'none'],
    ])
  })

  it('promises no time limit that is not kept', async () => {
    await serve(good)
    await modelWith().complete(ask())
    expect(server.requests[0]?.headers).not.toHaveProperty('x-stainless-timeout')
  })

  it('does not change what the caller gave', async () => {
    await serve(good)
    const request = ask()
    const copy = structuredClone(request.messages)
    await modelWith().complete(request)
    expect(request.messages).toEqual(copy)
  })
})

it('pays for a growing conversation about once, thanks to the marks', async () => {
  const calls = 12
  await serve(
    ...Array.from({ length: calls }, (_, i) =>
      turn([text(`Step ${i}`), toolUse('bash_exec', { command: `${i}` })]),
    ),
  )
  const model = modelWith()
  const messages: Message[] = [{ role: 'user', content: 'The goal' }]
  const system = 's'.repeat(8000)
  let read = 0
  let written = 0
  let plain = 0
  for (let i = 0; i < calls; i++) {
    const { content, usage } = await model.complete(ask({ system, messages }))
    read += usage.cache_read_input_tokens
    written += usage.cache_creation_input_tokens
    plain += usage.input_tokens
    const results = content.flatMap(block =>
      block.type === 'tool_use'
        ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: 'o'.repeat(4000) }]
        : [],
    )
    messages.push({ role: 'assistant', content }, { role: 'user', content: results })
  }
  const conversation = (JSON.stringify(messages).length + system.length) / 4
  expect(plain).toBe(0)
  expect(written).toBeLessThan(conversation * 1.1)
  expect(read).toBeGreaterThan(written * 4)
})
