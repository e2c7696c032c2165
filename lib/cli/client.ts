// The typed way from the command line to the REST API. Not fetch: that gives up on an answer after five minutes, and a
// check may take longer.
import http, { type IncomingMessage } from 'node:http'
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
  /** An answer that may be long, piece by piece; rejects as `call` does. */
  stream(path: string, accept: string): AsyncGenerator<string>
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

export interface ClientOptions {
  server: string
  token: string | null
  /** What was asked and answered, in a line, for whoever wants to see it. */
  onAnswer?: ((line: string) => void) | undefined
}

export function createClient({ server, token, onAnswer }: ClientOptions): Client {
  return {
    server,
    token,
    pageOf: runId => `${server}/runs/${runId}`,
    async *stream(path, accept) {
      const url = `${server}${path}`
      const headers = { ...authorization(token), accept, 'x-retrai-client': 'cli' }
      const response = await begin(url, { method: 'GET', headers })
      response.setEncoding('utf8')
      if ((response.statusCode ?? 0) >= 400) {
        const text = (await response.toArray()).join('')
        throw problemError(problemOf({ status: response.statusCode ?? 0, text }))
      }
      try {
        // It is decoded above, so every piece is text; one that breaks off is an error of the response.
        for await (const piece of response) yield piece as string
      } catch (error) {
        throw unreachable(url, error)
      }
    },
    async call(endpoint, { params, query, body, headers, signal } = {}) {
      const began = performance.now()
      const path = pathOf(endpoint.path, params, query)
      const answer = await send(`${server}${path}`, {
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
      const ms = Math.round(performance.now() - began)
      onAnswer?.(
        `${endpoint.method} ${path} → ${answer.status} · ${answer.text.length} characters · ${ms} ms`,
      )
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

async function send(url: string, request: Request): Promise<Answer> {
  const response = await begin(url, request)
  let text = ''
  response.setEncoding('utf8')
  try {
    for await (const piece of response) text += piece
  } catch (error) {
    request.signal?.throwIfAborted()
    throw unreachable(url, error)
  }
  return { status: response.statusCode ?? 0, text }
}

/** Resolves with the beginning of the answer. */
function begin(url: string, { method, headers, body, signal }: Request): Promise<IncomingMessage> {
  const { request } = url.startsWith('https:') ? https : http
  return new Promise((resolve, reject) => {
    const bodyHeaders = body === undefined ? {} : { 'content-type': 'application/json' }
    // No pooling: a kept connection would keep the process.
    const options = { method, headers: { ...headers, ...bodyHeaders }, agent: false as const, signal }
    const sent = request(url, options, resolve)
    sent.once('error', error => reject(signal?.aborted ? signal.reason : unreachable(url, error)))
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
