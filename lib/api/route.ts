// An endpoint and its handler become a Next route handler: parse, call, check the answer, and the one catch.
import { createHash, randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Endpoint } from '#lib/contract/endpoint'
import { AppError, isAppError } from '#lib/errors'
import { type Runtime, runtime } from '#lib/runtime'
import { problemResponse } from './problem.ts'
import { parseInput, readJson, readQuery } from './read-input.ts'

type Output<S> = S extends z.ZodType ? z.output<S> : undefined

export interface HandlerInput<E> {
  params: E extends Endpoint<infer P, infer _Q, infer _B, infer _R> ? Output<P> : never
  query: E extends Endpoint<infer _P, infer Q, infer _B, infer _R> ? Output<Q> : never
  body: E extends Endpoint<infer _P, infer _Q, infer B, infer _R> ? Output<B> : never
  runtime: Runtime
  request: Request
  /** `dashboard`, `cli` or `api`: recorded with what people decide. */
  caller: string
  /** Headers of the answer. */
  headers: Headers
}

type ResponseOf<E> = E extends Endpoint<infer _P, infer _Q, infer _B, infer R> ? z.input<R> : never

export interface Handler {
  endpoint: Endpoint
  handle(input: HandlerInput<Endpoint>): Promise<unknown>
}

/** A handler may answer with a Response itself where the answer is not JSON. */
// biome-ignore lint/suspicious/noExplicitAny: any endpoint, whatever its schemas; E keeps the exact one
export function handler<E extends Endpoint<any, any, any, any>>(
  endpoint: E,
  handle: (input: HandlerInput<E>) => ResponseOf<E> | Response | Promise<ResponseOf<E> | Response>,
): Handler {
  return {
    endpoint,
    // route() below gives each handler what its own endpoint's schemas returned.
    handle: async input => handle(input as unknown as HandlerInput<E>),
  }
}

const NO_QUERY = z.strictObject({})

type RouteContext = { params: Promise<Record<string, string | string[] | undefined>> }

export function route({ endpoint, handle }: Handler) {
  return async (request: Request, context: RouteContext): Promise<Response> => {
    const requestId = randomUUID()
    const held = runtime()
    try {
      const url = new URL(request.url)
      const params = endpoint.params && parseInput(endpoint.params, await context.params, 'not_found')
      const rawQuery = readQuery(url)
      const query = endpoint.query
        ? parseInput(endpoint.query, rawQuery, 'bad_query')
        : parseInput(NO_QUERY, rawQuery, 'bad_query')
      const rawBody = endpoint.method === 'GET' ? undefined : await readJson(request)
      if (endpoint.body && rawBody === undefined && !endpoint.body.safeParse(undefined).success) {
        throw new AppError('bad_json', 'The body is empty; send a JSON object')
      }
      const body = endpoint.body && parseInput(endpoint.body, rawBody, 'invalid')
      const headers = new Headers({ 'cache-control': 'no-cache', 'x-request-id': requestId })
      const result = await handle({
        params,
        query,
        body,
        runtime: held,
        request,
        caller: callerOf(request),
        headers,
      } as HandlerInput<Endpoint>)
      if (result instanceof Response) return result
      // Nothing undeclared leaves, and the document cannot lie.
      return respond(request, endpoint, endpoint.response.parse(result), headers)
    } catch (error) {
      // Who went away gets no answer, and that is nobody's fault.
      if (!isAppError(error) && !request.signal.aborted) {
        const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
        held.log('error', 'a request failed', { request_id: requestId, endpoint: endpoint.id, error: detail })
      }
      return problemResponse(error, requestId, held.redact)
    }
  }
}

/** An answer as JSON, or that it is known already. */
export function respond(request: Request, endpoint: Endpoint, value: unknown, headers: Headers): Response {
  const text = JSON.stringify(value)
  headers.set('content-type', 'application/json')
  if (endpoint.method === 'GET') {
    headers.set('etag', etagOf(text))
    if (isKnown(request, text)) return new Response(null, { status: 304, headers })
  }
  return new Response(text, { status: endpoint.status ?? 200, headers })
}

const etagOf = (text: string) => `"${createHash('sha1').update(text).digest('base64url')}"`

/** Whether the caller has this answer already, by If-None-Match. */
export function isKnown(request: Request, text: string): boolean {
  const known = request.headers.get('if-none-match')?.split(',') ?? []
  const etag = etagOf(text)
  return known.some(tag => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag)
}

const CALLERS = ['dashboard', 'cli']

/** What the client says it is; a record for people, not a credential. */
function callerOf(request: Request): string {
  const name = request.headers.get('x-retrai-client') ?? ''
  return CALLERS.includes(name) ? name : 'api'
}
