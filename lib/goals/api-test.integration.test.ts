import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProjects, type Files, type Projects } from './check-project.ts'
import { resolveGoal } from './resolve-goal.ts'

let projects: Projects
beforeAll(async () => {
  projects = await createProjects()
})
afterAll(() => projects.close())

const SERVER = `
import { createServer } from 'node:http'
import { writeFileSync } from 'node:fs'
writeFileSync('pid', String(process.pid))
createServer((request, response) => {
  const parts = []
  request.on('data', part => parts.push(part)).on('end', () => {
    const body = Buffer.concat(parts).toString()
    const answer = (status, value) => {
      response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' })
      response.end(JSON.stringify(value))
    }
    if (request.url === '/items' && request.method === 'POST') answer(201, { id: 7, ...JSON.parse(body), type: request.headers['content-type'] })
    else if (request.url === '/items') answer(200, { items: [{ id: 1, name: 'a' }, { id: 2, name: 'b' }], total: 2 })
    else if (request.url === '/echo') answer(200, { body, method: request.method, x: request.headers['x-key'] })
    else if (request.url === '/moved') { response.writeHead(302, { Location: 'http://example.com/' }); response.end() }
    else if (request.url === '/slow') return
    else answer(404, { error: 'not found' })
  })
}).listen(process.env.PORT, '127.0.0.1', () => console.log('listening'))
`
const START = 'node server.mjs'
const FILES = { 'server.mjs': SERVER }

const check = (settings: Record<string, unknown>, files: Files = FILES, more = {}) =>
  projects.check(files, 'api-test', { settings: { start: START, ...settings }, ...more })

test('requests that are answered as expected are passed tests', async () => {
  const result = await check({
    requests: [
      {
        path: '/items',
        expect: {
          json: { items: [{ id: 1 }, { name: 'b' }] },
          headers: { 'content-type': 'application/json' },
        },
      },
      {
        name: 'make one',
        method: 'POST',
        path: '/items',
        body: { name: 'c' },
        expect: { status: 201, json: { id: 7, name: 'c', type: 'application/json' } },
      },
      { path: '/nothing', expect: { status: 404, contains: 'not found' } },
      {
        method: 'PUT',
        path: '/echo',
        headers: { 'X-Key': 'k' },
        body: 'as it is',
        expect: { json: { body: 'as it is', x: 'k' } },
      },
      { path: '/moved', expect: { status: 302, headers: { Location: 'http://example.com/' } } },
    ],
  })
  expect(result).toMatchObject({
    achieved: true,
    broken: false,
    reason: 'All 5 tests passed',
    command: 'node server.mjs # and 5 requests to it',
  })
  expect(result.tests?.cases.map(({ name }) => name)).toEqual([
    'GET /items',
    'make one',
    'GET /nothing',
    'PUT /echo',
    'GET /moved',
  ])
  expect(result.output).toContain('listening')
})

test('what differs is told with what was expected and what came', async () => {
  const result = await check({
    request_seconds: 0.5,
    requests: [
      { path: '/items', expect: { json: { items: [{ id: 1 }, { id: 3 }] } } },
      { path: '/items', expect: { json: { items: [{ id: 1 }] } } },
      { path: '/items', expect: { json: { more: true } } },
      { path: '/other' },
      { path: '/items', expect: { contains: 'zebra', headers: { 'X-Total': '2' } } },
      { path: '/slow' },
      { path: '/items' },
    ],
  })
  expect(result).toMatchObject({ achieved: false, broken: false, reason: '6 of 7 tests failing' })
  const messages = result.tests?.cases.map(({ message }) => message?.split('\n')[0])
  expect(messages).toEqual([
    '$.items[1].id: expected 3, got 2',
    '$.items: expected 1 entries, got 2',
    '$.more: expected true, got nothing',
    'expected status 200, got 404',
    'expected header X-Total: 2, got none; expected a body that contains "zebra"',
    'no answer: it took longer than 0.5 s',
    undefined,
  ])
  expect(result.tests?.failing.slice(0, 3)).toEqual(['GET /items', 'GET /items (2)', 'GET /items (3)'])
})

test('the server and what it started are gone afterwards', async () => {
  const workspace = await projects.make({
    ...FILES,
    'run.sh': 'sleep 1000 & echo $! > sleeper\nexec node server.mjs\n',
  })
  const settings = { start: 'sh run.sh', requests: [{ path: '/items' }] }
  expect(await projects.check(workspace, 'api-test', { settings })).toMatchObject({ achieved: true })
  const { output } = await workspace.run({
    // Where nobody collects orphans, a dead one stays listed as Z.
    command:
      'for f in pid sleeper; do case "$(ps -o stat= -p "$(cat $f)")" in ""|Z*) ;; *) echo "$f lives" ;; esac; done',
    timeoutMs: 10_000,
  })
  expect(output).toBe('')
})

test('a server that does not come up is red with its output, and broken only where the program is missing', async () => {
  const requests = [{ path: '/' }]
  const crashed = await check({ requests }, { 'server.mjs': 'throw new Error("no database")\n' })
  expect(crashed).toMatchObject({ achieved: false, broken: false, tests: { failed: 1 } })
  expect(crashed.reason).toMatch(/^The server ended with exit code 1 before it answered/)
  expect(crashed.output).toContain('no database')
  const silent = await check(
    { requests, ready_seconds: 1 },
    { 'server.mjs': 'console.log("still thinking"); setInterval(() => {}, 1000)\n' },
  )
  expect(silent).toMatchObject({ achieved: false, broken: false, tests: { failing: ['GET /'] } })
  expect(silent.reason).toMatch(
    /^The server did not answer at http:\/\/127\.0\.0\.1:\d+\/ within 1 s: nothing listens there; its last words: still thinking$/,
  )
  expect(await check({ requests, start: 'no-such-server --now' })).toMatchObject({
    broken: true,
    reason: expect.stringContaining('no-such-server was not found'),
  })
  expect(await check({ requests: [{ path: '/slow' }] }, FILES, { timeoutSeconds: 2 })).toMatchObject({
    achieved: false,
    broken: false,
    reason: 'The check did not finish within 2 s',
  })
})

test('a server that says it is not ready yet is waited for', async () => {
  const text =
    "const { createServer } = require('node:http')\nlet n = 0\ncreateServer((q, a) => { a.statusCode = n++ < 3 ? 503 : 200; a.end('up') }).listen(Number(process.argv[2]), 'localhost')\n"
  const settings = {
    start: 'node server.cjs {port}',
    url: 'http://localhost:{port}/',
    requests: [{ path: '/health', expect: { contains: 'up' } }],
  }
  expect(await check(settings, { 'server.cjs': text })).toMatchObject({ achieved: true })
})

test('another server on the port does not answer in its place', async () => {
  const other = createServer((_request, response) => response.end('ok'))
  await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
  const address = other.address()
  const port = address && typeof address === 'object' ? address.port : 0
  try {
    expect(await check({ url: `http://127.0.0.1:${port}`, requests: [{ path: '/' }] })).toMatchObject({
      achieved: false,
      broken: true,
      reason: expect.stringContaining(`Something else listens on port ${port} already`),
    })
  } finally {
    await new Promise(resolve => other.close(resolve))
  }
})

test('a server that ends the one who asks is no success', async () => {
  const text = "process.kill(process.ppid, 'SIGKILL')\n"
  expect(
    await check({ start: 'exec node server.mjs', requests: [{ path: '/' }] }, { 'server.mjs': text }),
  ).toMatchObject({ achieved: false })
})

test.each<[Record<string, unknown>, string]>([
  [{ requests: [{ path: '/' }], url: 'http://example.com:{port}' }, 'url'],
  [{ requests: [{ path: '/' }], url: 'http://127.0.0.1@example.com/' }, 'url'],
  [{ requests: [{ path: '/' }], url: 'http://127.0.0.1.example.com/' }, 'url'],
  [{ requests: [] }, 'requests'],
  [{}, 'requests'],
  [{ requests: [{ path: 'items' }] }, 'requests/0/path'],
  [{ requests: [{ path: '/', headers: { 'a b': 'c' } }] }, 'requests/0/headers/a b'],
  [{ requests: [{ path: '/', expect: { code: 200 } }] }, 'requests/0/expect/code'],
])('%j is refused, naming %s', (settings, field) => {
  expect(() => resolveGoal('api-test', { settings: { start: START, ...settings } })).toThrow(
    expect.objectContaining({
      code: 'invalid',
      fields: [expect.objectContaining({ pointer: `/goal_options/${field}` })],
    }),
  )
})
