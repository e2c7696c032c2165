// The typed way from the command line to the REST API. Not fetch: that gives up on an answer after five minutes, and a
// check may take longer.
import http from 'node:http'
import https from 'node:https'
import type { z } from 'zod'
import type { Endpoint } from '#lib/contract/endpoint'
import { Problem } from '#lib/contract/errors'
import { Health } from '#lib/contract/server'
import { messageOf } from '#lib/errors'
import { CliError, problemError } from './cli-error.ts'
import { EXIT } from './exit-codes.ts'

export interface Client {
  /** Without a slash at the end. */
  server: string
  token: string | null
  /** Rejects with CliError: what the server refused, or that it cannot be reached. */
  call<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType>(
    endpoint: Endpoint<P, Q, B, R>,
    input?: CallInput<P, Q, B>,
  ): Promise<z.output<R>>
  /** The page of a run, for people. */
  pageOf(runId: string): string
}

interface CallInput<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> {
  params?: z.input<P>
  query?: Partial<z.input<Q>>
  body?: z.input<B>
  headers?: Record<string, string>
  signal?: AbortSignal
}

interface Answer {
  status: number
  text: string
}

export function createClient({ server, token }: { server: string; token: string | null }): Client {
  return {
    server,
    token,
    pageOf: runId => `${server}/runs/${runId}`,
    async call(endpoint, { params, query, body, headers, signal } = {}) {
      const answer = await send(`${server}${pathOf(endpoint.path, params, query)}`, {
        method: endpoint.method,
        headers: {
          ...authorization(token),
          accept: 'application/json',
          'x-retrai-client': 'cli',
          ...headers,
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal,
      })
      if (answer.status >= 400) throw problemError(problemOf(answer))
      const parsed = endpoint.response.safeParse(parseJson(answer.text))
      if (parsed.success) return parsed.data
      throw new CliError(
        EXIT.error,
        `${server} answers differently from what this retrai expects; use the same version on both sides`,
        { cause: parsed.error },
      )
    },
  }
}

export const authorization = (token: string | null): Record<string, string> =>
  token === null ? {} : { authorization: `Bearer ${token}` }

/** Whether a retrAI server answers there. Never throws. */
export async function isServing(server: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(3000)
    const { text } = await send(`${server}/healthz`, { method: 'GET', headers: {}, signal })
    return Health.safeParse(parseJson(text)).success
  } catch {
    return false // Nothing there, or something that is not ours: either way it cannot be asked.
  }
}

function pathOf(path: string, params: unknown, query: unknown): string {
  const values = new Map<string, unknown>(Object.entries(params ?? {}))
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values.get(name))))
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) search.set(name, String(value))
  }
  return search.size > 0 ? `${filled}?${search}` : filled
}

interface Request {
  method: string
  headers: Record<string, string>
  body?: string | undefined
  signal?: AbortSignal | undefined
}

function send(url: string, { method, headers, body, signal }: Request): Promise<Answer> {
  const { request } = url.startsWith('https:') ? https : http
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      if (signal?.aborted) reject(signal.reason)
      else reject(unreachable(url, error))
    }
    const bodyHeaders = body === undefined ? {} : { 'content-type': 'application/json' }
    // No pooling: a kept connection would keep the process.
    const options = { method, headers: { ...headers, ...bodyHeaders }, agent: false as const, signal }
    const sent = request(url, options, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.once('error', fail)
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    sent.once('error', fail)
    sent.end(body)
  })
}

export function unreachable(url: string, cause: unknown): CliError {
  const { origin } = new URL(url)
  return new CliError(
    EXIT.unreachable,
    `${origin} cannot be reached (${messageOf(cause) || 'connection refused'}); start it with \`retrai serve\`, or name another with --server`,
    { cause },
  )
}

function problemOf({ status, text }: Answer): Problem {
  const parsed = Problem.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  return {
    type: 'about:blank',
    title: `Status ${status}`,
    status,
    detail: `The server answered with status ${status} and no explanation; look at its log`,
    code: 'internal',
    request_id: '',
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // Not ours; the callers say what they expected.
  }
}
