// The guard, asked byte by byte: what a page of another site or somebody without the token would send.
import { connect } from 'node:net'
import { startServer } from '#lib/testing/server'
import type { Scenario } from './scenario.ts'

const TOKEN = 'probe-token-of-no-one-at-all'
const NO_RUN = '00000000-0000-4000-8000-000000000000'

interface Question {
  what: string
  path: string
  host?: string
  token?: boolean
  upgrade?: boolean
  status: number
}

const QUESTIONS: Question[] = [
  { what: 'a request with the token', path: '/api/runs', token: true, status: 200 },
  { what: 'a request without the token', path: '/api/runs', status: 401 },
  { what: 'an upgrade with the token', path: `/api/ws/${NO_RUN}`, token: true, upgrade: true, status: 101 },
  { what: 'an upgrade without the token', path: `/api/ws/${NO_RUN}`, upgrade: true, status: 401 },
  { what: 'a request for evil.test', path: '/api/runs', host: 'evil.test', token: true, status: 421 },
  {
    what: 'an upgrade for evil.test',
    path: `/api/ws/${NO_RUN}`,
    host: 'evil.test',
    token: true,
    upgrade: true,
    status: 421,
  },
]

export const guard: Scenario = {
  name: 'guard',
  promise: 'nobody gets in without the token or under a foreign name, by request or by upgrade',
  async run({ bundle }) {
    const server = await startServer({ ...(bundle ? { bundle } : {}), env: { RETRAI_TOKEN: TOKEN } })
    try {
      const broken: string[] = []
      for (const question of QUESTIONS) {
        const status = await ask(server.url, question)
        if (status !== question.status)
          broken.push(`${question.what} is answered with ${status} instead of ${question.status}`)
      }
      return { figures: { questions: QUESTIONS.length, 'wrong answers': broken.length }, broken }
    } finally {
      await server.close()
    }
  },
}

/** The status of the answer. */
function ask(url: string, { path, host, token, upgrade }: Question): Promise<number> {
  const { hostname, port, host: own } = new URL(url)
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host ?? own}`,
    ...(token ? [`Authorization: Bearer ${TOKEN}`] : []),
    ...(upgrade
      ? [
          'Connection: Upgrade',
          'Upgrade: websocket',
          'Sec-WebSocket-Version: 13',
          'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        ]
      : ['Connection: close']),
  ]
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    socket.setTimeout(10_000, () => socket.destroy(new Error(`no answer to GET ${path}`)))
    socket.once('error', reject)
    socket.once('data', data => {
      socket.destroy()
      resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(data.toString('latin1'))?.[1]))
    })
    socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  })
}
