// Whatever is wrong with a request is said by status, code, sentence and field; and nothing was started.
import { chmod, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, problemOf } from '#lib/testing/api'
import { repairShell, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { openStage, type Stage } from '#lib/testing/stage'

let stage: Stage
let cwd: string
beforeAll(async () => {
  stage = await openStage()
  cwd = await stage.project(SHELL_PROJECT, repairShell)
})
afterAll(() => stage?.close())

async function nothingStarted() {
  expect(await stage.client.list()).toEqual([])
  expect(stage.model.requests).toEqual([])
}
const start = (body: unknown, headers?: Record<string, string>) =>
  stage.client.request('POST', '/api/runs', { body, headers })

/** The shape of every problem; the document was held against it before. */
function expectProblem(answer: Answer, status: number, code: string) {
  const problem = problemOf(answer)
  expect(problem).toMatchObject({ status, code })
  expect(answer.status).toBe(status)
  expect(problem.detail.length).toBeGreaterThan(10)
  expect(problem.request_id).toMatch(/^[0-9a-f-]{36}$/)
  return problem
}

describe('a field of POST /api/runs is wrong: 422 with the pointer', () => {
  const good = SHELL_GOAL
  const table: [string, Record<string, unknown>, string, RegExp][] = [
    ['no goal', { goal: undefined }, '/goal', /is missing/],
    [
      'a blank goal where nothing says one',
      { goal: ' \n ', check_command: undefined },
      '/goal',
      /says what its goal/,
    ],
    ['several goals that are none', { goal: undefined, goals: [] }, '/goals', /at least 1|must/],
    ['a goal that is a number', { goal: 7 }, '/goal', /must be a string/],
    ['a goal of 70,000 characters', { goal: 'x'.repeat(70_000) }, '/goal', /at most 65536 characters/],
    ['an unknown goal without a check', { goal: 'pytset', check_command: undefined }, '/goal', /pytest/],
    ['any text without a check', { goal: 'shiny', check_command: undefined }, '/goal', /check_command/],
    ['max_iterations -5', { max_iterations: -5 }, '/max_iterations', /must be 1 to 1000/],
    ['max_iterations 0', { max_iterations: 0 }, '/max_iterations', /must be 1 to 1000/],
    ['max_iterations 1e9', { max_iterations: 1e9 }, '/max_iterations', /must be 1 to 1000/],
    ['max_iterations 2.5', { max_iterations: 2.5 }, '/max_iterations', /must be/],
    ['max_iterations "20"', { max_iterations: '20' }, '/max_iterations', /must be/],
    ['max_iterations null', { max_iterations: null }, '/max_iterations', /must be/],
    ['hitl_enabled "false"', { hitl_enabled: 'false' }, '/hitl_enabled', /must be a boolean/],
    ['hitl_enabled 1', { hitl_enabled: 1 }, '/hitl_enabled', /must be a boolean/],
    ['an empty model name', { model_name: '' }, '/model_name', /must not be empty/],
    ['a script that is not there', { model_name: 'scripted/none' }, '/model_name', /none/],
    ['max_cost_usd 0', { max_cost_usd: 0 }, '/max_cost_usd', /must be more than 0/],
    ['max_cost_usd negative', { max_cost_usd: -1 }, '/max_cost_usd', /must be more than 0/],
    ['a misspelt field', { max_iteration: 3 }, '/max_iteration', /did you mean max_iterations\?/],
    ['a field of nothing known', { zzz: 3 }, '/zzz', /unknown field$/],
    [
      'a field of the prototype',
      JSON.parse('{ "__proto__": { "goal": "x" } }'),
      '/__proto__',
      /unknown field/,
    ],
    ['tags that are a string', { tags: 'a' }, '/tags', /must be an array/],
    ['protect of no kind', { protect: 'maybe' }, '/protect', /off, report, enforce/],
    [
      'a condition of no kind',
      { success_condition: { output_regexp: 'x' } },
      '/success_condition/output_regexp',
      /unknown field/,
    ],
    [
      'a regular expression that is none',
      { success_condition: { output_regex: '(' } },
      '/success_condition/output_regex',
      /./,
    ],
    ['cwd empty', { cwd: '' }, '/cwd', /must not be empty/],
    ['cwd that is missing', { cwd: '/no/such/directory' }, '/cwd', /\/no\/such\/directory/],
    ['cwd of 5,000 characters', { cwd: `/${'x'.repeat(5000)}` }, '/cwd', /at most 4096 characters/],
    ['cwd with a NUL', { cwd: '/tmp/\0' }, '/cwd', /./],
    ['cwd that is a number', { cwd: 3 }, '/cwd', /must be a string/],
    ['cwd that is relative', { cwd: 'some/project' }, '/cwd', /absolute|some\/project/],
  ]

  it.each(table)('%s', async (_, change, pointer, detail) => {
    const body: Record<string, unknown> = { ...good, cwd }
    for (const [name, value] of Object.entries(change))
      Object.defineProperty(body, name, { value, enumerable: true, configurable: true })
    const problem = expectProblem(await start(JSON.stringify(body)), 422, 'invalid')
    expect(problem.errors?.map(field => field.pointer)).toContain(pointer)
    expect(problem.errors?.find(field => field.pointer === pointer)?.detail).toMatch(detail)
    expect(problem.detail).toMatch(detail)
    await nothingStarted()
  })

  it('cwd that is a file', async () => {
    const problem = expectProblem(await start({ ...good, cwd: path.join(cwd, 'check.sh') }), 422, 'invalid')
    expect(problem.errors).toMatchObject([{ pointer: '/cwd', detail: expect.stringContaining('directory') }])
    await nothingStarted()
  })

  it('cwd that cannot be read, where the server is not root', async () => {
    const closed = path.join(cwd, 'closed')
    await mkdir(closed, { mode: 0o000 })
    // In the sandbox also root is held to permissions; this is about what the server itself may.
    const answer = await start({ ...good, cwd: closed, check_command: 'true', sandbox: 'off' })
    if (process.getuid?.() === 0) {
      // Nothing is closed to root: the run starts, and the directory is as good as any.
      expect(answer.status).toBe(201)
      const { run_id: runId } = answer.json as { run_id: string }
      await stage.client.until(runId, 'achieved')
    } else {
      const problem = expectProblem(answer, 422, 'invalid')
      expect(problem.errors).toMatchObject([
        { pointer: '/cwd', detail: expect.stringMatching(/read|permission/i) },
      ])
      await nothingStarted()
    }
    await chmod(closed, 0o700)
  })

  it('several fields: each is named', async () => {
    const answer = await start({ goal: 7, max_iterations: 0, hitl_enabled: 'no', cwdd: '/' })
    const pointers = problemOf(answer).errors?.map(({ pointer }) => pointer)
    expect(pointers?.sort()).toEqual(['/cwdd', '/goal', '/hitl_enabled', '/max_iterations'])
  })
})

describe('the body is no JSON object', () => {
  const json = { 'content-type': 'application/json' }
  it.each([
    ['broken JSON', '{ "goal": ', 400, 'bad_json'],
    ['no body at all', '', 400, 'bad_json'],
    ['an array', '[]', 422, 'invalid'],
    ['a string', '"pytest"', 422, 'invalid'],
    ['null', 'null', 422, 'invalid'],
    ['very deep JSON', '['.repeat(200_000), 400, 'bad_json'],
    ['a body of 2 MiB', JSON.stringify({ goal: 'x'.repeat(2 << 20) }), 413, 'body_too_large'],
  ])('%s', async (_, body, status, code) => {
    const before = (await stage.client.list()).length
    expectProblem(await start(body, json), status, code)
    expect((await stage.client.list()).length).toBe(before)
  })

  it('a body that is not UTF-8', async () => {
    const response = await fetch(`${stage.server.url}/api/runs`, {
      method: 'POST',
      headers: json,
      body: Buffer.from('7b22676f616c223a22ff227d', 'hex'),
    })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: 'bad_json' })
  })

  it('a body of 2 MiB that does not say its length, and the connection is good for the next request', async () => {
    const chunk = Buffer.alloc(64 << 10, 'x')
    let sent = 0
    const body = new ReadableStream({
      pull(controller) {
        if (sent++ < 32) controller.enqueue(chunk)
        else controller.close()
      },
    })
    const init = {
      method: 'POST',
      headers: json,
      body,
      duplex: 'half',
    } satisfies RequestInit & { duplex: 'half' }
    const response = await fetch(`${stage.server.url}/api/runs`, init)
    expect(response.status).toBe(413)
    expect(await response.json()).toMatchObject({ code: 'body_too_large' })
    const began = performance.now()
    expectProblem(await start('{', json), 400, 'bad_json')
    expect(performance.now() - began).toBeLessThan(2000)
  })

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'text/plain; application/json',
  ])('of type %s: 415', async type => {
    const body = JSON.stringify({ ...SHELL_GOAL, cwd })
    expectProblem(await start(body, { 'content-type': type }), 415, 'not_json')
  })

  it('JSON with a charset is taken', async () => {
    const made = await stage.project({ ...SHELL_PROJECT, 'app.txt': 'works\n' })
    const body = JSON.stringify({ ...SHELL_GOAL, cwd: made })
    const answer = await start(body, { 'content-type': 'Application/JSON; charset=utf-8' })
    expect(answer.status).toBe(201)
  })
})

describe('what is asked for is not there', () => {
  const unknown = '00000000-0000-4000-8000-000000000000'
  const paths: [string, string, unknown?][] = [
    ['GET', ''],
    ['GET', '/events'],
    ['GET', '/iterations'],
    ['GET', '/diff'],
    ['POST', '/resume', { decision: 'approve' }],
    ['POST', '/abort', {}],
    ['POST', '/note', { text: 'hello' }],
    ['PATCH', '/config', { max_iterations: 5 }],
  ]
  it.each(paths)('%s /api/runs/{unknown}%s: 404', async (method, rest, body) => {
    const answer = await stage.client.request(method, `/api/runs/${unknown}${rest}`, { body })
    expect(expectProblem(answer, 404, 'run_not_found').detail).toContain(unknown)
  })

  it.each(['nonsense', '..%2f..', "' OR 1=1 --", '%00', 'a'.repeat(190)])(
    'GET /api/runs/%s: 404',
    async name => {
      expectProblem(await stage.client.request('GET', `/api/runs/${name}`), 404, 'run_not_found')
    },
  )

  it('an unknown path of the API: 404 as a problem, not a page', async () => {
    expectProblem(await stage.client.request('GET', '/api/nothing'), 404, 'not_found')
    expectProblem(await stage.client.request('POST', '/api/runs/x/y/z', { body: {} }), 404, 'not_found')
  })

  it('a method that is not offered: 405 says which are', async () => {
    const answer = await stage.client.request('DELETE', '/api/runs')
    expectProblem(answer, 405, 'method_not_allowed')
    expect(answer.headers.get('allow')).toMatch(/GET.*POST|POST.*GET/)
  })
})

describe('a query parameter is wrong: 400 with the pointer', () => {
  it.each([
    ['/api/runs?stauts=running', '/stauts', /unknown field; did you mean status\?/],
    ['/api/runs?status=runing', '/status', /runing is no status/],
    ['/api/runs?limit=0', '/limit', /at least 1/],
    ['/api/runs?limit=201', '/limit', /at most 200/],
    ['/api/runs?limit=ten', '/limit', /must be/],
    ['/api/runs?cursor=zzz', '/cursor', /not made by this server/],
    ['/api/runs?since=yesterday', '/since', /yesterday/],
    ['/api/runs?status=failed&status=aborted', '/status', /given twice/],
    ['/api/gates?status=closed', '/status', /must be one of open, decided/],
    ['/api/goals?x=1', '/x', /unknown field/],
  ])('GET %s', async (url, pointer, detail) => {
    const problem = expectProblem(await stage.client.request('GET', url), 400, 'bad_query')
    expect(problem.errors).toMatchObject([{ pointer, detail: expect.stringMatching(detail) }])
  })

  it('a decision of no kind: 422, and the gate stays open', async () => {
    const made = await stage.project(SHELL_PROJECT)
    const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd: made, hitl_enabled: true })
    await stage.client.until(runId, 'waiting')
    for (const body of [
      {},
      { decision: 'yes' },
      { decision: 'approve', gate: 'x' },
      { decision: ['approve'] },
    ]) {
      const answer = await stage.client.request('POST', `/api/runs/${runId}/resume`, { body })
      expectProblem(answer, 422, 'invalid')
    }
    expect((await stage.client.run(runId)).status).toBe('waiting')
    await stage.client.resume(runId, { decision: 'abort' })
  })
})

describe('Idempotency-Key', () => {
  it('starts one run for many requests, also at once, and refuses another body', async () => {
    const made = await stage.project({ ...SHELL_PROJECT, 'app.txt': 'works\n' })
    const body = { ...SHELL_GOAL, cwd: made }
    const headers = { 'idempotency-key': `key-${Math.random()}` }
    const before = (await stage.client.list('?limit=200')).length
    const answers = await Promise.all(Array.from({ length: 8 }, () => start(body, headers)))
    const ids = new Set(answers.map(answer => (answer.json as { run_id: string }).run_id))
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201))
    expect(ids.size).toBe(1)
    expect(answers.filter(({ headers: h }) => h.get('idempotent-replayed') === 'true')).toHaveLength(7)
    expect((await stage.client.list('?limit=200')).length).toBe(before + 1)
    const other = await start({ ...body, max_iterations: 3 }, headers)
    expectProblem(other, 422, 'idempotency_mismatch')
  })

  it('that is empty or too long is refused', async () => {
    const answer = await start({ ...SHELL_GOAL, cwd }, { 'idempotency-key': 'x'.repeat(300) })
    expectProblem(answer, 400, 'bad_request')
  })
})
