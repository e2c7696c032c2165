// Talks to a running server as a script would, and holds every answer against the server's own OpenAPI document.

import type { Problem } from '#lib/contract/errors'
import type { RunEvent } from '#lib/contract/event'
import type { Decision, Gate, Resume } from '#lib/contract/gates'
import { isFinal, type Run, type RunStarted, type RunStatus, type RunSummary } from '#lib/contract/runs'
import { type Contract, loadContract } from './openapi-check.ts'
import { waitFor } from './wait-for.ts'

export interface Answer {
  status: number
  headers: Headers
  text: string
  /** The body as JSON; undefined when it is none. */
  json: unknown
}

export interface RequestOptions {
  body?: unknown
  headers?: Record<string, string>
  signal?: AbortSignal
}

export interface Api {
  url: string
  /** Any request. The answer must be what the document says about this path, method and status. */
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>
  /** As `request`, and fails unless the status is 2xx. */
  ok<T>(method: string, path: string, options?: RequestOptions): Promise<T>
  start(body: Record<string, unknown>): Promise<RunStarted>
  run(runId: string): Promise<Run>
  list(query?: string): Promise<RunSummary[]>
  events(runId: string, query?: string): Promise<RunEvent[]>
  gates(): Promise<Gate[]>
  resume(runId: string, body: Resume): Promise<Decision>
  /** Waits for one of these statuses; fails at once when the run has ended otherwise. */
  until(runId: string, ...statuses: RunStatus[]): Promise<Run>
  /** Starts a run and waits for its end. */
  finish(body: Record<string, unknown>): Promise<Run>
  contract(): Promise<Contract>
}

/** With a token every request carries it. */
export function api(url: string, { token }: { token?: string } = {}): Api {
  let contract: Promise<Contract> | undefined
  const auth: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }

  async function request(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    const { body, headers, signal } = options
    const response = await fetch(url + path, {
      method,
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...auth, ...headers },
      ...(signal ? { signal } : {}),
    })
    const text = await response.text()
    const answer = { status: response.status, headers: response.headers, text, json: jsonOf(text) }
    const { check } = await held.contract()
    check(method, path, answer)
    return answer
  }

  async function ok<T>(method: string, path: string, options?: RequestOptions): Promise<T> {
    const answer = await request(method, path, options)
    if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`)
    return answer.json as T // held against the document above
  }

  const held: Api = {
    url,
    request,
    ok,
    contract() {
      contract ??= loadContract(url, auth)
      return contract
    },
    start: body => ok('POST', '/api/runs', { body }),
    run: runId => ok('GET', `/api/runs/${runId}`),
    list: (query = '') => ok('GET', `/api/runs${query}`),
    events: (runId, query = '?limit=5000') => ok('GET', `/api/runs/${runId}/events${query}`),
    gates: () => ok('GET', '/api/gates?status=open'),
    resume: (runId, body) => ok('POST', `/api/runs/${runId}/resume`, { body }),
    until: (runId, ...statuses) =>
      waitFor(`run ${runId} is ${statuses.join(' or ')}`, async () => {
        const run = await held.run(runId)
        if (statuses.includes(run.status)) return run
        if (isFinal(run.status)) {
          throw new Error(`Run ${runId} ended ${run.status} instead of ${statuses}: ${run.reason}`)
        }
        return null
      }),
    async finish(body) {
      const { run_id } = await held.start(body)
      return held.until(run_id, 'achieved', 'exhausted', 'failed', 'aborted')
    },
  }
  return held
}

/** The problem of an answer; fails the test when it is none. */
export function problemOf(answer: Answer): Problem {
  const type = answer.headers.get('content-type')
  if (type !== 'application/problem+json') throw new Error(`Not a problem but ${type}: ${answer.text}`)
  return answer.json as Problem // its shape was held against the document
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
