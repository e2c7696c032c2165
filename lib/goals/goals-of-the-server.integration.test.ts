// The built server tells what each goal can be told, takes it, and finds the programs that its goals start.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, type TestServer } from '../testing/server.ts'

let server: TestServer
let cwd: string
beforeAll(async () => {
  server = await startServer()
  cwd = mkdtempSync(path.join(tmpdir(), 'retrai-measured-'))
})
afterAll(async () => {
  await server?.close()
  rmSync(cwd, { recursive: true, force: true })
})

async function check(body: Record<string, unknown>) {
  const response = await fetch(`${server.url}/api/goals/check`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ cwd, ...body }),
  })
  return { status: response.status, body: await response.json() }
}

test('GET /api/goals has the schema of the options of each goal', async () => {
  const goals = await (await fetch(`${server.url}/api/goals`)).json()
  const find = (name: string) => goals.find((goal: { name: string }) => goal.name === name)
  expect(find('pytest')).toMatchObject({ judged: false, options: null })
  expect(find('score')).toMatchObject({ judged: true, options: { required: ['rubric'] } })
  expect(find('perf-check')).toMatchObject({
    needs_command: true,
    options: { type: 'object', properties: { runs: { type: 'integer', default: 5, maximum: 50 } } },
  })
  expect(find('api-test').options.required).toEqual(['start', 'requests'])
})

test('a server is started and asked', async () => {
  writeFileSync(
    path.join(cwd, 'server.mjs'),
    "import { createServer } from 'node:http'\ncreateServer((q, a) => a.end('{\"ok\":true}')).listen(process.env.PORT, '127.0.0.1')\n",
  )
  const goal_options = {
    start: 'node server.mjs',
    requests: [
      { path: '/', expect: { json: { ok: true } } },
      { path: '/', expect: { status: 201 } },
    ],
  }
  expect(await check({ goal: 'api-test', goal_options })).toMatchObject({
    status: 200,
    body: {
      achieved: false,
      broken: false,
      reason: '1 of 2 tests failing',
      tests: {
        failing: ['GET / (2)'],
        details: [{ message: expect.stringContaining('expected status 201, got 200') }],
      },
    },
  })
})

test('a time is measured, and a goal without a limit refused', async () => {
  const measured = await check({
    goal: 'perf-check',
    check_command: 'true',
    goal_options: { max_seconds: 5, runs: 3 },
  })
  expect(measured).toMatchObject({
    status: 200,
    body: { achieved: true, measurement: { name: 'median of 3 runs', target: 5000, better: 'lower' } },
  })
  expect(await check({ goal: 'perf-check', check_command: 'true' })).toMatchObject({
    status: 422,
    body: { errors: [{ pointer: '/goal_options/max_seconds' }] },
  })
})
