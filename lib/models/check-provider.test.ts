import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { LIMITS } from '#lib/limits'
import { checkProvider } from './check-provider.ts'
import { createModels } from './registry.ts'

const KEY = 'sk-of-this-test-alone'

async function provider(status: number, body: string, headers: Record<string, string> = {}) {
  const asked: { path: string | undefined; key: unknown }[] = []
  const server = createServer((request, response) => {
    asked.push({ path: request.url, key: request.headers['x-api-key'] })
    response.writeHead(status, headers).end(body)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>(resolve => server.close(() => resolve())))
  const { port } = server.address() as { port: number } // it listens on TCP
  return { baseUrl: `http://127.0.0.1:${port}`, asked }
}

const check = (baseUrl: string) => checkProvider({ provider: 'mine', baseUrl, apiKey: KEY })

test.each([
  [200, '{"data": [{"id": "a"}, {"id": "b"}]}', true, 'reachable, 2 models'],
  [200, 'hello', true, 'reachable'],
  [200, 'x'.repeat(LIMITS.providerListBytes + 1), true, 'reachable'],
  [401, '', false, 'reachable, but it refuses the key (401)'],
  [404, '', true, 'reachable; it does not list its models'],
  [500, '', false, 'it answers 500'],
])('a provider that answers %i is %s', async (status, body, ok, detail) => {
  const { baseUrl, asked } = await provider(status, body)
  expect(await check(`${baseUrl}/`)).toMatchObject({ provider: 'mine', ok, detail })
  expect(asked).toEqual([{ path: '/v1/models', key: KEY }])
})

test('the key goes nowhere else, and who is not there is said', async () => {
  const other = await provider(200, '{"data": []}')
  const { baseUrl } = await provider(302, '', { location: `${other.baseUrl}/v1/models` })
  expect(await check(baseUrl)).toMatchObject({ ok: false, detail: 'it answers 302' })
  expect(other.asked).toEqual([])
  const gone = await check('http://127.0.0.1:1')
  expect(gone.ok).toBe(false)
  expect(gone.detail).toMatch(/^not reachable: ./)
  expect(LIMITS.providerCheckMs).toBe(5000)
})

test('each provider is asked at its address; a replayed one is no provider, and an unknown one is refused', async () => {
  const { baseUrl, asked } = await provider(200, '{"data": [1]}')
  const models = createModels({ anthropic: { apiKey: KEY, baseUrl } })
  expect(await models.check('anthropic')).toMatchObject({ ok: true, detail: 'reachable, 1 models' })
  expect(asked[0]?.key).toBe(KEY)
  expect(await models.check('scripted')).toMatchObject({ ok: true, detail: 'nobody is asked' })
  expect(await models.check('openrouter')).toMatchObject({
    ok: false,
    detail: expect.stringContaining('OPENROUTER_API_KEY is not set'),
  })
  await expect(models.check('nobody')).rejects.toMatchObject({ code: 'not_found' })
  const keyless = createModels({ anthropic: { apiKey: null, baseUrl: null } })
  expect(await keyless.check('anthropic')).toMatchObject({
    ok: false,
    detail: expect.stringContaining('is not set'),
  })
})
