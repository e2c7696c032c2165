import { once } from 'node:events'
import { connect } from 'node:net'
import Anthropic from '@anthropic-ai/sdk'
import { afterEach, describe, expect, it } from 'vitest'
import { fault, text, thinking, toolUse, turn } from './messages-script.ts'
import { type MessagesServer, startMessagesServer } from './messages-server.ts'

let server: MessagesServer
afterEach(() => server.close())

const user = (content: unknown) => ({ role: 'user', content })
const assistant = (content: unknown) => ({ role: 'assistant', content })
const call = (id: string) => ({ type: 'tool_use', id, name: 'bash_exec', input: {} })
const result = (id: string) => ({ type: 'tool_result', tool_use_id: id, content: 'ok' })
const marked = { type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }

function post(body: Record<string, unknown>, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${server.url}/v1/messages`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-api-key': 'k',
      'anthropic-version': '2023-06-01',
      ...headers,
    },
    body: JSON.stringify({ model: 'm', max_tokens: 10, ...body }),
  })
}

// Bodies of the API as far as these tests read them.
const messageOf = async (response: Response) => (await response.json()).error?.message as string | undefined

describe('what the real API refuses is refused', () => {
  const refused: [string, Record<string, unknown>, RegExp][] = [
    ['no messages', { messages: [] }, /at least one message/],
    ['a first message of the assistant', { messages: [assistant('hi')] }, /must alternate/],
    ['two user messages in a row', { messages: [user('a'), user('b')] }, /must alternate/],
    ['an end with the assistant', { messages: [user('a'), assistant('b')] }, /must end with a user message/],
    ['empty content', { messages: [user([])] }, /non-empty content/],
    ['empty text', { messages: [user([{ type: 'text', text: '' }])] }, /must be non-empty/],
    ['blank text', { messages: [user([{ type: 'text', text: ' \n' }])] }, /non-whitespace/],
    [
      'a tool call without a result',
      { messages: [user('a'), assistant([call('t1'), call('t2')]), user([result('t1')])] },
      /without `tool_result` blocks immediately after: t2/,
    ],
    [
      'a result without a call',
      { messages: [user('a'), assistant('b'), user([result('t9')])] },
      /unexpected `tool_use_id`/,
    ],
    [
      'two results for a call',
      { messages: [user('a'), assistant([call('t1')]), user([result('t1'), result('t1')])] },
      /single result/,
    ],
    [
      'a result after text',
      {
        messages: [user('a'), assistant([call('t1')]), user([{ type: 'text', text: 'b' }, result('t1')])],
      },
      /must come first/,
    ],
    [
      'the same call id twice',
      {
        messages: [
          user('a'),
          assistant([call('t1')]),
          user([result('t1')]),
          assistant([call('t1')]),
          user([result('t1')]),
        ],
      },
      /ids must be unique/,
    ],
    ['five cache marks', { messages: [user([marked, marked, marked, marked, marked])] }, /maximum of 4/],
    ['no max_tokens', { messages: [user('a')], max_tokens: undefined }, /max_tokens/],
    ['a system prompt that is a number', { messages: [user('a')], system: 3 }, /system/],
    ['an empty system block', { messages: [user('a')], system: [{ type: 'text', text: '' }] }, /non-empty/],
    ['an unknown field', { messages: [user('a')], mesages: 1 }, /Extra inputs are not permitted/],
    [
      'a tool without a schema of type object',
      { messages: [user('a')], tools: [{ name: 't', input_schema: { type: 'string' } }] },
      /should be 'object'/,
    ],
    [
      'a schema that is none',
      {
        messages: [user('a')],
        tools: [{ name: 't', input_schema: { type: 'object', properties: { a: { type: 'strin' } } } }],
      },
      /JSON schema is invalid/,
    ],
    [
      'thoughts it has not written',
      {
        messages: [
          user('a'),
          assistant([
            { type: 'thinking', thinking: 'x', signature: 's' },
            { type: 'text', text: 'b' },
          ]),
          user('c'),
        ],
      },
      /cannot be modified/,
    ],
  ]

  it.each(refused)('%s', async (_, body, message) => {
    server = await startMessagesServer({ script: [] })
    const response = await post(body)
    expect(response.status).toBe(400)
    expect(await messageOf(response)).toMatch(message)
    expect(server.requests[0]).toMatchObject({ answered: 'refused' })
  })

  it('a request without a key', async () => {
    server = await startMessagesServer({ script: [] })
    const response = await post({ messages: [user('a')] }, { 'x-api-key': '' })
    expect(response.status).toBe(401)
    expect(server.requests).toEqual([])
  })
})

describe('what the real API accepts is accepted', () => {
  it('a conversation with parallel calls, results first and text after them', async () => {
    server = await startMessagesServer({ script: [] })
    const response = await post({
      system: [marked],
      tools: [{ name: 'bash_exec', description: 'd', input_schema: { type: 'object', properties: {} } }],
      messages: [
        user('a'),
        assistant([{ type: 'text', text: 'b' }, call('t1'), call('t2')]),
        user([result('t2'), result('t1'), marked]),
      ],
    })
    expect(response.status).toBe(200)
  })

  it('its own thoughts, brought back unchanged, and no others', async () => {
    server = await startMessagesServer({ script: [turn([thinking('I think', 'sig-1'), text('b')])] })
    const first = await (await post({ messages: [user('a')] })).json()
    expect(first.content[0]).toEqual({ type: 'thinking', thinking: 'I think', signature: 'sig-1' })
    const again = await post({ messages: [user('a'), assistant(first.content), user('c')] })
    expect(again.status).toBe(200)
    first.content[0].thinking = 'I thought'
    const changed = await post({ messages: [user('a'), assistant(first.content), user('c')] })
    expect(await messageOf(changed)).toMatch(/cannot be modified/)
  })
})

it('streams what the official SDK puts together again, and says the same without streaming', async () => {
  const answer = turn([
    text('Zürich 🏔️ and more text than one piece holds'),
    toolUse('ls', { path: 'ä/b' }, 'toolu_7'),
  ])
  server = await startMessagesServer({ script: [answer] })
  const client = new Anthropic({ baseURL: server.url, apiKey: 'k', maxRetries: 0 })
  const request = { model: 'm', max_tokens: 10, messages: [{ role: 'user' as const, content: 'a' }] }
  const streamed = await client.messages.stream(request).finalMessage()
  const whole = await client.messages.create(request)
  expect(streamed.content).toMatchObject([
    { type: 'text', text: 'Zürich 🏔️ and more text than one piece holds' },
    { type: 'tool_use', id: 'toolu_7', name: 'ls', input: { path: 'ä/b' } },
  ])
  expect(streamed.stop_reason).toBe('tool_use')
  expect(whole.content).toMatchObject(streamed.content.map(({ type }) => ({ type })))
  expect(whole.usage.output_tokens).toBe(streamed.usage.output_tokens)
})

it('counts conversations apart and goes through a list of answers by attempt', async () => {
  server = await startMessagesServer({
    script: [[fault.status(529), turn([text('second time')])], turn([text('second turn')])],
  })
  const statusOf = async (...messages: unknown[]) => (await post({ messages })).status
  expect(await statusOf(user('run a'))).toBe(529)
  expect(await statusOf(user('run b'))).toBe(529)
  expect(await statusOf(user('run a'))).toBe(200)
  const next = await post({ messages: [user('run a'), assistant('second time'), user('go on')] })
  expect((await next.json()).content[0].text).toBe('second turn')
  expect(server.requests.map(r => [r.firstUserText, r.assistantMessages, r.attempt])).toEqual([
    ['run a', 0, 1],
    ['run b', 0, 1],
    ['run a', 0, 2],
    ['run a', 1, 1],
  ])
})

it('bills a marked prefix as written once and as read afterwards, and a changed one as written again', async () => {
  server = await startMessagesServer({ script: [] })
  const system = [{ type: 'text', text: 's'.repeat(20_000), cache_control: { type: 'ephemeral' } }]
  const usage = async (body: Record<string, unknown>) => (await (await post(body)).json()).usage
  const first = await usage({ system, messages: [user('a')] })
  const second = await usage({ system, messages: [user('b')] })
  const changed = await usage({
    system: [{ ...system[0], text: `!${system[0]?.text}` }],
    messages: [user('b')],
  })
  expect(first.cache_creation_input_tokens).toBeGreaterThan(5000)
  expect(first.cache_read_input_tokens).toBe(0)
  expect(second.cache_read_input_tokens).toBe(first.cache_creation_input_tokens)
  expect(second.cache_creation_input_tokens).toBe(0)
  expect(changed.cache_read_input_tokens).toBe(0)
})

it('notes a client that goes away, and closes while an answer hangs', async () => {
  server = await startMessagesServer({ respond: () => fault.hang({ events: 2 }) })
  const controller = new AbortController()
  const response = await fetch(`${server.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': 'k', 'anthropic-version': '1' },
    body: JSON.stringify({ model: 'm', max_tokens: 1, stream: true, messages: [user('a')] }),
    signal: controller.signal,
  })
  expect(response.status).toBe(200)
  controller.abort()
  await expect.poll(() => server.requests[0]?.aborted).toBe(true)
  void post({ messages: [user('a')], stream: true }).catch(() => {})
  await expect.poll(() => server.requests.length).toBe(2)
  await server.close()
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  const [error] = await once(socket, 'error').catch(error => [error])
  expect(error.code).toBe('ECONNREFUSED')
})
