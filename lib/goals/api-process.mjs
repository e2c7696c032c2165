// A program of its own, for the goal api-test: starts the project's server, waits until it answers, sends the requests, ends
// the server and all it started, and writes a report of what came back. Plain Node without packages, like every helper.
import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect, createServer } from 'node:net'
import { isDeepStrictEqual } from 'node:util'

const MAX_BODY_BYTES = 4 * 1024 * 1024
const PAUSE_MS = 50
const TERM_MS = 1000

const { RETRAI_API, RETRAI_API_REPORT, ...env } = process.env
const settings = JSON.parse(RETRAI_API)

const report = await main()
writeFileSync(RETRAI_API_REPORT, JSON.stringify(report))
process.exit(report.problem === null && report.cases.every(one => one.message === null) ? 0 : 1)

async function main() {
  const port = portOf(settings.url) ?? (await freePort())
  const withPort = text => text.replaceAll('{port}', String(port))
  const base = new URL(withPort(settings.url))
  // Whoever listens there already would answer in the place of the project's server.
  if (await isTaken(base.hostname, port)) return failed({ kind: 'taken', port })
  const server = start(withPort(settings.start), port)
  const url = base.href.replace(/\/+$/, '')
  try {
    const problem = await untilReady(server, `${url}${settings.ready_path}`)
    if (problem) return failed(problem)
    const cases = []
    for (const one of settings.requests) {
      const message = await ask(url, one)
      cases.push({ message })
      console.log(`── ${one.method} ${one.path}: ${message ?? 'as expected'}`)
    }
    return { problem: null, cases }
  } finally {
    await end(server)
  }
}

function failed(problem) {
  return { problem, cases: [] }
}

function start(command, port) {
  const shell = existsSync('/bin/bash') ? '/bin/bash' : '/bin/sh'
  const child = spawn(shell, ['-c', command], {
    // A group of its own, so that what it starts ends with it.
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...env, PORT: String(port) },
  })
  const server = { child, ended: null }
  server.over = new Promise(resolve => {
    child.once('error', error => {
      server.ended = { code: 127, signal: null, text: error.message }
      resolve()
    })
    child.once('exit', (code, signal) => {
      server.ended = { code, signal }
      resolve()
    })
  })
  return server
}

/** null once it answers; anything but «not yet» (503) is an answer. */
async function untilReady(server, url) {
  const deadline = performance.now() + settings.ready_seconds * 1000
  let last = 'nothing listens there'
  while (performance.now() < deadline) {
    // One that puts itself into the background ends with 0.
    if (server.ended && server.ended.code !== 0) return { kind: 'ended', ...server.ended }
    try {
      const left = Math.max(100, deadline - performance.now())
      const { status } = await send(url, { method: 'GET', headers: {} }, Math.min(left, 5000))
      if (status !== 503) return null
      last = 'it answers with status 503'
    } catch (error) {
      last = error.code === 'ECONNREFUSED' ? 'nothing listens there' : error.message
    }
    await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
  }
  return { kind: 'not_ready', url, last }
}

/** What is wrong with the answer; null when it is as expected. */
async function ask(url, one) {
  let answer
  try {
    answer = await send(url + one.path, one, settings.request_seconds * 1000)
  } catch (error) {
    return `no answer: ${error.message}`
  }
  const { expect } = one
  const problems = []
  if (answer.status !== expect.status) problems.push(`expected status ${expect.status}, got ${answer.status}`)
  for (const [name, value] of Object.entries(expect.headers ?? {})) {
    const got = answer.headers[name.toLowerCase()]
    const text = Array.isArray(got) ? got.join(', ') : got
    if (text !== value && !text?.startsWith(`${value};`))
      problems.push(`expected header ${name}: ${value}, got ${text ?? 'none'}`)
  }
  if (expect.contains !== undefined && !answer.body.includes(expect.contains))
    problems.push(`expected a body that contains ${shown(expect.contains)}`)
  if (expect.json !== undefined) {
    const problem = jsonProblem(expect.json, answer.body)
    if (problem) problems.push(problem)
  }
  if (problems.length === 0) return null
  return `${problems.join('; ')}${answer.body === '' ? ' (no body)' : `\nThe body was: ${answer.body.slice(0, 1000)}`}`
}

function jsonProblem(expected, body) {
  let got
  try {
    got = JSON.parse(body)
  } catch {
    return `expected JSON ${shown(expected)}, got something else`
  }
  return difference(expected, got, '$')
}

/** Objects may have more than is expected of them, lists may not. */
function difference(expected, got, path) {
  const differs = `${path}: expected ${shown(expected)}, got ${shown(got)}`
  if (Array.isArray(expected)) {
    if (!Array.isArray(got)) return differs
    if (got.length !== expected.length)
      return `${path}: expected ${expected.length} entries, got ${got.length}`
    for (const [i, one] of expected.entries()) {
      const problem = difference(one, got[i], `${path}[${i}]`)
      if (problem) return problem
    }
    return null
  }
  if (expected === null || typeof expected !== 'object')
    return isDeepStrictEqual(expected, got) ? null : differs
  if (got === null || typeof got !== 'object' || Array.isArray(got)) return differs
  for (const [key, value] of Object.entries(expected)) {
    if (!Object.hasOwn(got, key)) return `${path}.${key}: expected ${shown(value)}, got nothing`
    const problem = difference(value, got[key], `${path}.${key}`)
    if (problem) return problem
  }
  return null
}

function shown(value) {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length > 300 ? `${text.slice(0, 299)}…` : text
}

function send(url, { method, headers = {}, body }, timeoutMs) {
  const payload = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body)
  const isNamed = Object.keys(headers).some(name => name.toLowerCase() === 'content-type')
  const type =
    payload === null || typeof body === 'string' || isNamed ? {} : { 'Content-Type': 'application/json' }
  const length = payload === null ? {} : { 'Content-Length': Buffer.byteLength(payload) }
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => out.destroy(new Error(`it took longer than ${timeoutMs / 1000} s`)),
      timeoutMs,
    )
    const done = (settle, value) => {
      clearTimeout(timer)
      settle(value)
    }
    const out = request(
      url,
      { method, agent: false, headers: { ...type, ...length, ...headers } },
      answer => {
        const parts = []
        let bytes = 0
        answer.on('data', part => {
          bytes += part.length
          if (bytes > MAX_BODY_BYTES) out.destroy(new Error('the body is larger than 4 MiB'))
          else parts.push(part)
        })
        answer.once('error', error => done(reject, error))
        answer.once('end', () =>
          done(resolve, {
            status: answer.statusCode,
            headers: answer.headers,
            body: Buffer.concat(parts).toString('utf8'),
          }),
        )
      },
    )
    out.once('error', error => done(reject, error))
    out.end(payload ?? undefined)
  })
}

async function end(server) {
  kill(server, 'SIGTERM')
  let timer
  const late = new Promise(resolve => {
    timer = setTimeout(resolve, TERM_MS)
  })
  await Promise.race([server.over, late])
  clearTimeout(timer)
  kill(server, 'SIGKILL')
  await server.over
}

function kill({ child }, signal) {
  try {
    process.kill(-child.pid, signal)
  } catch {
    // Nobody of the group is left.
  }
}

/** null: any free one. */
function portOf(url) {
  return url.includes('{port}') ? null : Number(new URL(url).port || 80)
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

function isTaken(hostname, port) {
  return new Promise(resolve => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port })
    const settle = taken => {
      socket.destroy()
      resolve(taken)
    }
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
  })
}
