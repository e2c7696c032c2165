import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { Message, ModelRequest } from './model.ts'
import { createScriptedModel, Script } from './scripted.ts'

const script = Script.parse({
  title: 'A short one',
  turns: [
    {
      text: 'I look first. ',
      tool_calls: [
        { tool: 'file_read', args: { path: 'a' } },
        { tool: 'file_read', args: { path: 'b' } },
      ],
    },
    { tool_calls: [{ tool: 'run_check', args: {} }], usage: { output_tokens: 7 } },
    { text: 'Cut', stop_reason: 'max_tokens', delay_ms: 60_000 },
  ],
})

const ask = (request: Partial<ModelRequest> = {}): ModelRequest => ({
  system: 's',
  tools: [],
  messages: conversation(0),
  signal: new AbortController().signal,
  ...request,
})

function conversation(answers: number): Message[] {
  const rounds = Array.from({ length: answers }, (_, i): Message[] => [
    { role: 'assistant', content: `answer ${i}` },
    { role: 'user', content: 'go on' },
  ])
  return [{ role: 'user', content: 'the goal' }, ...rounds.flat()]
}

const model = createScriptedModel({ name: 'scripted/short', script, pace: 0 })

describe('a scripted model', () => {
  it('says its text word by word and calls real tools', async () => {
    const deltas: string[] = []
    const response = await model.complete(ask({ onText: delta => deltas.push(delta) }))
    expect(deltas).toEqual(['I ', 'look ', 'first. '])
    expect(response).toMatchObject({
      content: [
        { type: 'text', text: 'I look first. ' },
        { type: 'tool_use', name: 'file_read', input: { path: 'a' } },
        { type: 'tool_use', name: 'file_read', input: { path: 'b' } },
      ],
      stopReason: 'tool_use',
      model: 'scripted/short',
    })
  })

  it('takes the turn from the conversation alone, so that a restarted run goes on where it was', async () => {
    const anew = createScriptedModel({ name: 'scripted/short', script, pace: 0 })
    const second = await anew.complete(ask({ messages: conversation(1) }))
    expect(second.content).toMatchObject([{ name: 'run_check' }])
    expect(await model.complete(ask({ messages: conversation(1) }))).toMatchObject({
      content: second.content,
    })
  })

  it('gives every call of a conversation an id of its own', async () => {
    const ids: string[] = []
    for (const answers of [0, 1]) {
      const { content } = await model.complete(ask({ messages: conversation(answers) }))
      ids.push(...content.flatMap(block => (block.type === 'tool_use' ? [block.id] : [])))
    }
    expect(new Set(ids).size).toBe(3)
  })

  it('uses and costs nothing, and says that it is scripted', async () => {
    const { usage, costUsd } = await model.complete(ask())
    expect(usage).toEqual({
      input_tokens: 0,
      output_tokens: 0,
      cache_read_input_tokens: 0,
      cache_creation_input_tokens: 0,
    })
    expect(costUsd).toBe(0)
    expect(model.scripted).toBe(true)
  })

  it('reports the usage and the stop reason that the script gives, where a trial needs them', async () => {
    expect((await model.complete(ask({ messages: conversation(1) }))).usage.output_tokens).toBe(7)
    expect((await model.complete(ask({ messages: conversation(2) }))).stopReason).toBe('max_tokens')
  })

  it('ends its turn with a sentence when the script is over', async () => {
    const response = await model.complete(ask({ messages: conversation(3) }))
    expect(response.stopReason).toBe('end_turn')
    expect(response.content).toMatchObject([{ type: 'text', text: expect.stringContaining('is over') }])
  })

  it('ends a pause at once when it is aborted, with the reason', async () => {
    const slow = createScriptedModel({ name: 'scripted/short', script })
    const controller = new AbortController()
    const reason = new Error('enough')
    const call = slow.complete(ask({ messages: conversation(2), signal: controller.signal }))
    controller.abort(reason)
    await expect(call).rejects.toBe(reason)
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
  })
})

it.each([
  ['no turns', { title: 't', turns: [] }],
  ['an unknown field', { title: 't', turns: [{ txt: 'a' }] }],
  ['arguments that are no object', { title: 't', turns: [{ tool_calls: [{ tool: 'a', args: 'b' }] }] }],
])('a script with %s is refused', (_, source) => {
  expect(Script.safeParse(source).success).toBe(false)
})
