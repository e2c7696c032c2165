import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { summary } from '#lib/client/run-summary.fixture'
import { endpoint } from '#lib/contract/endpoint'
import type { Problem } from '#lib/contract/errors'
import { NO_GATES } from '#lib/contract/gate-policy'
import { type Run, startRun } from '#lib/contract/runs'
import { AppError } from '#lib/errors'
import { installRuntime, type Runtime } from '#lib/runtime'
import { handleGetRun } from './handlers/get-run.ts'
import { handleListEvents } from './handlers/list-events.ts'
import { handler, route } from './route.ts'

const KEY = Symbol.for('retrai.runtime')
const logged: unknown[][] = []
beforeEach(() => {
  logged.length = 0
  // The handlers below use nothing of it but the log.
  installRuntime({ log: (...line: unknown[]) => logged.push(line) } as unknown as Runtime)
})
afterEach(() => {
  delete (globalThis as Record<symbol, unknown>)[KEY]
})

const thing = endpoint({
  id: 'makeThing',
  method: 'POST',
  path: '/api/things/{name}',
  tag: 'things',
  summary: 'Make a thing',
  params: z.strictObject({ name: z.string().max(20) }),
  query: z.strictObject({ size: z.coerce.number().int().min(1).optional() }),
  body: z.strictObject({ colour: z.string(), tags: z.array(z.string()).optional() }),
  response: z.object({ made: z.string() }),
  status: 201,
})
const reading = endpoint({ ...thing, id: 'getThing', method: 'GET', body: z.never().optional(), status: 200 })

const params = (name = 'one') => ({ params: Promise.resolve({ name }) })
const make = route(handler(thing, ({ params: { name }, body }) => ({ made: `${body.colour} ${name}` })))

function post(body: BodyInit | null, { url = '/api/things/one', headers = {} } = {}) {
  const init = {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
    duplex: 'half',
  }
  return make(new Request(`http://localhost${url}`, init as RequestInit), params())
}
const problem = async (response: Response) => {
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const value = (await response.json()) as Problem
  expect(value.status).toBe(response.status)
  return value
}

describe('a request', () => {
  it('that fits is handled, and answered with the status of its endpoint', async () => {
    const response = await post('{ "colour": "red" }')
    expect(response.status).toBe(201)
    expect(await response.json()).toEqual({ made: 'red one' })
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })

  it.each([
    ['not JSON', '{ "colour": ', 400, 'bad_json'],
    ['empty', '', 400, 'bad_json'],
    ['missing', null, 400, 'bad_json'],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22]), 400, 'bad_json'],
    ['a list', '[]', 422, 'invalid'],
    ['null', 'null', 422, 'invalid'],
    ['larger than 1 MiB', JSON.stringify({ colour: 'x'.repeat(2 << 20) }), 413, 'body_too_large'],
    ['deep', `{ "colour": ${'['.repeat(100_000)}${']'.repeat(100_000)} }`, 422, 'invalid'],
    [
      'deep in a field nobody knows',
      `{ "colour": "red", "deep": ${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)} }`,
      422,
      'invalid',
    ],
  ])('whose body is %s is refused', async (_, body, status, code) => {
    const response = await post(body)
    expect(response.status).toBe(status)
    expect((await problem(response)).code).toBe(code)
    expect(logged).toEqual([])
  })

  it('whose body comes in pieces without a length is measured as it comes', async () => {
    let sent = 0
    const stream = new ReadableStream({
      pull(controller) {
        sent += 1
        if (sent > 3000) controller.close()
        else controller.enqueue(new Uint8Array(64 << 10))
      },
    })
    expect((await problem(await post(stream))).code).toBe('body_too_large')
    expect(sent).toBeLessThan(200)
  })

  it('whose body is said to be something else is refused', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp'])
      expect((await problem(await post('{}', { headers: { 'content-type': type } }))).code).toBe('not_json')
  })

  it('with a field nobody knows is told the nearest name', async () => {
    const { detail, errors } = await problem(await post('{ "color": "red", "tag": [], "zzz": 1 }'))
    expect(detail).toMatch(/colour: is missing|unknown field/)
    expect(errors).toEqual(
      expect.arrayContaining([
        { pointer: '/colour', detail: 'is missing' },
        { pointer: '/color', detail: 'unknown field; did you mean colour?' },
        { pointer: '/tag', detail: 'unknown field; did you mean tags?' },
        { pointer: '/zzz', detail: 'unknown field' },
      ]),
    )
  })

  it('cannot reach the prototype of anything', async () => {
    for (const body of [
      '{ "colour": "red", "__proto__": { "isAdmin": true } }',
      '{ "colour": "red", "constructor": { "prototype": {} } }',
    ]) {
      const response = await post(body)
      expect(response.status).toBe(422)
      expect((await problem(response)).errors?.[0]?.detail).toMatch(/unknown field/)
    }
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
  })

  it('with a query nobody knows, a wrong one, or one twice is refused', async () => {
    const code = async (url: string) => (await problem(await post('{ "colour": "red" }', { url }))).detail
    expect(await code('/api/things/one?sise=1')).toBe('sise: unknown field; did you mean size?')
    expect(await code('/api/things/one?size=0')).toBe('size: must be at least 1')
    expect(await code('/api/things/one?size=big')).toMatch(/^size: must be a number/)
    expect(await code('/api/things/one?size=1&size=2')).toMatch(/^size was given twice/)
    for (const name of ['__proto__', 'constructor', 'toString'])
      expect(await code(`/api/things/one?${name}=1`)).toBe(`${name}: unknown field`)
  })

  it('with a path parameter that is too long finds nothing', async () => {
    const request = new Request('http://localhost/api/things/x', { method: 'POST' })
    expect((await problem(await make(request, params('x'.repeat(30))))).code).toBe('not_found')
  })
})

describe('a failure', () => {
  const failing = (error: unknown) =>
    route(
      handler(thing, () => {
        throw error
      }),
    )(
      new Request('http://localhost/api/things/one', {
        method: 'POST',
        body: '{ "colour": "red" }',
        headers: { 'content-type': 'application/json' },
      }),
      params(),
    )

  it('of ours keeps its code, sentence, fields and headers', async () => {
    const error = new AppError('queue_full', 'Wait a moment', { headers: { 'Retry-After': '10' } })
    const response = await failing(error)
    expect(response.headers.get('retry-after')).toBe('10')
    expect(await problem(response)).toMatchObject({
      status: 429,
      code: 'queue_full',
      detail: 'Wait a moment',
    })
    expect(logged).toEqual([])
  })

  it('of anybody else is a 500 that says nothing, with an id that the log has', async () => {
    for (const error of [new Error('the secret is hunter2'), 'a string', null]) {
      logged.length = 0
      const value = await problem(await failing(error))
      expect(value).toMatchObject({ status: 500, code: 'internal' })
      expect(JSON.stringify(value)).not.toContain('hunter2')
      expect(JSON.stringify(logged)).toContain(value.request_id)
    }
  })

  it('to answer what the endpoint declares is a failure too', async () => {
    // Deliberately another shape than the endpoint's.
    const wrong = route(handler(thing, () => ({ mode: 'x' }) as unknown as { made: string }))
    const request = new Request('http://localhost/api/things/one', {
      method: 'POST',
      body: '{ "colour": "red" }',
      headers: { 'content-type': 'application/json' },
    })
    expect((await problem(await wrong(request, params()))).status).toBe(500)
  })
})

describe('an answer', () => {
  it('carries nothing that is not declared', async () => {
    const generous = route(handler(reading, () => ({ made: 'x', secret: 'y' })))
    const response = await generous(new Request('http://localhost/api/things/one'), params())
    expect(await response.json()).toEqual({ made: 'x' })
  })

  it('to a GET has an ETag, and is 304 to whoever has it', async () => {
    const get = route(handler(reading, () => ({ made: 'x' })))
    const url = 'http://localhost/api/things/one'
    const first = await get(new Request(url), params())
    const etag = first.headers.get('etag')!
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const again = await get(new Request(url, { headers: { 'if-none-match': known } }), params())
      expect([again.status, await again.text()]).toEqual([304, ''])
    }
    const other = await get(new Request(url, { headers: { 'if-none-match': '"other"' } }), params())
    expect(other.status).toBe(200)
  })

  it('that a handler makes itself is passed on, and the caller is one of those we know', async () => {
    const callers: string[] = []
    const own = route(
      handler(reading, ({ caller }) => {
        callers.push(caller)
        return new Response('text', { headers: { 'content-type': 'text/plain' } })
      }),
    )
    for (const client of ['cli', 'dashboard', 'root', '']) {
      const headers = { 'x-retrai-client': client }
      const response = await own(new Request('http://localhost/api/things/one', { headers }), params())
      expect(await response.text()).toBe('text')
    }
    expect(callers).toEqual(['cli', 'dashboard', 'api', 'api'])
  })
})

it('without a server behind it a route says what is missing', async () => {
  delete (globalThis as Record<symbol, unknown>)[KEY]
  await expect(post('{}')).rejects.toThrow(/only work behind server\.ts/)
})

it('the real endpoint to start a run names every wrong field at once', async () => {
  const start = route(handler(startRun, () => Promise.reject(new Error('is not reached'))))
  const body = JSON.stringify({
    max_iterations: 0,
    hitl_enabled: 'yes',
    max_cost_usd: -1,
    goel: 'x',
    tags: [''],
  })
  const request = new Request('http://localhost/api/runs', {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  })
  const { errors } = await problem(await start(request, { params: Promise.resolve({}) }))
  expect(errors).toEqual(
    expect.arrayContaining([
      { pointer: '/goal', detail: 'is missing' },
      { pointer: '/max_iterations', detail: 'must be 1 to 1000' },
      { pointer: '/hitl_enabled', detail: 'must be a boolean' },
      { pointer: '/max_cost_usd', detail: 'must be more than 0' },
      { pointer: '/tags/0', detail: 'must not be empty' },
      { pointer: '/goel', detail: 'unknown field; did you mean goal?' },
    ]),
  )
})

describe('an export as NDJSON', () => {
  const history = Array.from({ length: 2500 }, (_, at) => ({ seq: at + 1, kind: 'log' }))
  const ask = async (query = '', headers: Record<string, string> = {}) => {
    installRuntime({
      runs: {
        get: async () => ({ last_seq: history.length }),
        events: async (_: string, { after = 0, limit }: { after?: number; limit: number }) =>
          history.filter(({ seq }) => seq > after).slice(0, limit),
      },
    } as unknown as Runtime)
    const request = new Request(`http://localhost/api/runs/r/events${query}`, {
      headers: { accept: 'application/x-ndjson', ...headers },
    })
    const response = await route(handleListEvents)(request, { params: Promise.resolve({ run_id: 'r' }) })
    const text = await response.text()
    return {
      response,
      seqs: text
        .trimEnd()
        .split('\n')
        .map(line => (JSON.parse(line) as { seq: number }).seq),
    }
  }

  it('is the whole history, however long, in order', async () => {
    const { response, seqs } = await ask()
    expect(response.headers.get('content-type')).toBe('application/x-ndjson')
    expect(seqs).toEqual(history.map(({ seq }) => seq))
  })

  it('goes on after Last-Event-ID, which beats after', async () => {
    expect((await ask('?after=1', { 'last-event-id': '2400' })).seqs).toEqual(
      history.slice(2400).map(({ seq }) => seq),
    )
    expect((await ask('?after=2499')).seqs).toEqual([2500])
  })

  it('is as long as a limit that is named', async () => {
    expect((await ask('?limit=1200')).seqs).toHaveLength(1200)
  })
})

describe('a question that waits', () => {
  const run: Run = {
    ...summary({ status: 'running' }),
    error: null,
    final_state: null,
    gate_policy: NO_GATES,
    gates_skipped_until: null,
    continues: null,
    goal_name: 'pytest',
    check_command: null,
    success_condition: null,
    protect: 'enforce',
    goals: [{ goal: 'pytest' }],
    goal_options: {},
    confirm: 0,
    no_progress_iterations: 3,
    max_tokens: null,
    max_minutes: null,
    instructions: null,
    sandbox: 'off',
    network: 'off',
  }
  const ask = async (headers: Record<string, string>) => {
    const waited: unknown[] = []
    installRuntime({
      runs: {
        get: async () => run,
        waitForChange: async (...args: unknown[]) => {
          waited.push(args[3])
          return run
        },
      },
    } as unknown as Runtime)
    const request = new Request('http://localhost/api/runs/r?wait=30', { headers })
    const response = await route(handleGetRun)(request, { params: Promise.resolve({ run_id: 'r' }) })
    return { response, waited }
  }

  it('is answered at once where the answer is another than the one the caller has', async () => {
    const { response, waited } = await ask({ 'if-none-match': '"of before"' })
    expect(waited).toEqual([])
    expect(response.status).toBe(200)
  })

  it('waits for a status other than the one the caller has, and 304 says that there was none', async () => {
    const etag = (await ask({})).response.headers.get('etag') ?? ''
    const { response, waited } = await ask({ 'if-none-match': etag })
    expect(waited).toEqual(['running'])
    expect(response.status).toBe(304)
  })
})
