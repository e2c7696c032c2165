import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { ModelInfo } from '#lib/contract/models'
import { isAppError } from '#lib/errors'
import { text, turn } from '#lib/testing/messages-script'
import { startMessagesServer } from '#lib/testing/messages-server'
import { createModels } from './registry.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

const bare = { anthropic: { apiKey: null, baseUrl: null } }
const request = () => ({
  system: '',
  tools: [],
  messages: [{ role: 'user' as const, content: 'a' }],
  signal: new AbortController().signal,
})

function refusal(act: () => unknown) {
  try {
    act()
  } catch (error) {
    return isAppError(error) ? error : expect.fail(String(error))
  }
  return expect.fail('nothing was thrown')
}

async function serve() {
  const server = await startMessagesServer({ respond: () => turn([text('Hi')]) })
  cleanups.push(server.close)
  return server
}

async function scriptsDir(files: Record<string, string>) {
  const dir = await mkdtemp(join(tmpdir(), 'scripts-'))
  cleanups.push(() => rm(dir, { recursive: true }))
  for (const [name, content] of Object.entries(files)) await writeFile(join(dir, name), content)
  return dir
}

describe('a name', () => {
  it('without a prefix is asked of Anthropic’s endpoint, with its facts', async () => {
    const server = await serve()
    const model = createModels({ anthropic: { apiKey: 'k', baseUrl: server.url } }).get(
      'claude-haiku-4-5-20251001',
    )
    expect(model).toMatchObject({
      name: 'claude-haiku-4-5-20251001',
      scripted: false,
      contextWindow: 200_000,
    })
    const response = await model.complete(request())
    expect(server.requests[0]).toMatchObject({
      model: 'claude-haiku-4-5-20251001',
      body: { max_tokens: 32_000 },
    })
    expect(response.costUsd).toBeGreaterThan(0)
  })

  it('with a provider’s prefix is asked there by the rest of it, at an unknown price', async () => {
    const server = await serve()
    const models = createModels({
      ...bare,
      providers: { house: { title: 'House', baseUrl: `${server.url}/`, keyVariable: 'HOUSE_KEY' } },
      keys: { HOUSE_KEY: 'k2' },
    })
    const response = await models.get('house/anthropic/big').complete(request())
    expect(server.requests[0]).toMatchObject({ model: 'anthropic/big', headers: { 'x-api-key': 'k2' } })
    expect(response).toMatchObject({ costUsd: null, model: 'anthropic/big' })
  })

  it('may be written with anthropic/ in front', async () => {
    const server = await serve()
    const models = createModels({ anthropic: { apiKey: 'k', baseUrl: server.url } })
    await models.get('anthropic/claude-sonnet-4-6').complete(request())
    expect(server.requests[0]?.model).toBe('claude-sonnet-4-6')
  })

  it('with an unknown prefix is refused with the known ones', () => {
    const error = refusal(() => createModels(bare).get('olama/qwen'))
    expect(error.code).toBe('invalid')
    expect(error.message).toContain('ollama/, lmstudio/, vllm/, litellm/, openrouter/, anthropic/, scripted/')
    expect(error.fields).toMatchObject([{ pointer: '/model_name' }])
  })

  it('with an unknown prefix is left to a gateway, which may know it', async () => {
    const server = await serve()
    await createModels({ anthropic: { apiKey: null, baseUrl: server.url } })
      .get('meta-llama/x')
      .complete(request())
    expect(server.requests[0]?.model).toBe('meta-llama/x')
  })

  it.each(['', 'ollama/', 'anthropic/', 'toString/x', 'constructor/x'])('like “%s” is refused', name => {
    expect(refusal(() => createModels(bare).get(name)).code).toBe('invalid')
  })
})

describe('a missing key', () => {
  it.each([
    ['claude-sonnet-4-6', 'ANTHROPIC_API_KEY is not set; set it or choose a scripted model'],
    ['openrouter/x/y', 'OPENROUTER_API_KEY is not set; set it or choose another model'],
  ])('of %s is said when it is called', async (name, message) => {
    await expect(createModels(bare).get(name).complete(request())).rejects.toMatchObject({
      failure: 'no_key',
      message,
    })
  })
})

describe('scripts', () => {
  it('are found by name, one’s own before the ones that come with the product', async () => {
    const own = JSON.stringify({ title: 'Mine', turns: [{ text: 'Mine' }] })
    const models = createModels({
      ...bare,
      scriptsDir: await scriptsDir({ 'demo.json': own, 'other.json': own }),
    })
    expect(await models.get('scripted/demo').complete(request())).toMatchObject({
      content: [{ text: 'Mine' }],
    })
    expect(models.get('scripted/other').scripted).toBe(true)
    expect(createModels(bare).get('scripted/demo').scripted).toBe(true)
  })

  it.each(['nothing', '../../../package', '', 'toString'])('called “%s” are refused', name => {
    const error = refusal(() => createModels(bare).get(`scripted/${name}`))
    expect(error.code).toBe('invalid')
    expect(error.message).toContain('demo')
  })

  it('that are none say what is wrong with them, and are listed as not available', async () => {
    const dir = await scriptsDir({ 'bad.json': '{"title": "x"}', 'worse.json': '{' })
    const models = createModels({ ...bare, scriptsDir: dir })
    expect(refusal(() => models.get('scripted/bad')).message).toMatch(/turns/)
    expect(refusal(() => models.get('scripted/worse')).message).toMatch(/cannot be read/)
    const listed = models.list().filter(model => model.provider === 'scripted')
    expect(listed.map(({ name, available }) => [name, available])).toEqual([
      ['scripted/bad', false],
      ['scripted/worse', false],
      ['scripted/demo', true],
    ])
  })
})

describe('the list', () => {
  it('has what the contract promises, and names no model twice', () => {
    const list = createModels({
      ...bare,
      extraModels: { 'ollama/q': { title: 'Q', contextWindow: 9 } },
    }).list()
    for (const model of list) expect(ModelInfo.parse(model)).toEqual(model)
    expect(new Set(list.map(model => model.name)).size).toBe(list.length)
    expect(list.find(model => model.name === 'ollama/q')).toMatchObject({ title: 'Q', available: true })
  })

  it('offers Claude with a key, or behind a gateway, and says else what to do', () => {
    const sonnet = (apiKey: string | null, baseUrl: string | null) =>
      createModels({ anthropic: { apiKey, baseUrl } })
        .list()
        .find(model => model.name === 'claude-sonnet-4-6')
    expect(sonnet('k', null)).toMatchObject({ available: true, why_not: null, context_window: 1_000_000 })
    expect(sonnet(null, 'http://127.0.0.1:1')).toMatchObject({ available: true })
    expect(sonnet(null, null)).toMatchObject({
      available: false,
      why_not: expect.stringContaining('ANTHROPIC_API_KEY'),
    })
  })
})
