// The typed way from the browser to the REST API.
import type { z } from 'zod'
import type { Problem } from '../contract/errors.ts'
import type { ClientEndpoint } from './endpoints.ts'

type Contract<E> = E extends ClientEndpoint<infer C> ? C : never
type Out<T> = T extends z.ZodType ? z.output<T> : never
type In<T> = T extends z.ZodType ? z.input<T> : never

/** What the endpoint answers. */
export type ResponseOf<E extends ClientEndpoint> = Out<Contract<E>['response']>
type ParamsOf<E extends ClientEndpoint> = Out<NonNullable<Contract<E>['params']>>
// Query values travel as text and are coerced by the server, so the output type is what a caller means.
type QueryOf<E extends ClientEndpoint> = Partial<Out<NonNullable<Contract<E>['query']>>>
type BodyOf<E extends ClientEndpoint> = In<NonNullable<Contract<E>['body']>>

type Wanted<Key extends string, Value> = [Value] extends [never]
  ? { [K in Key]?: undefined }
  : undefined extends Value
    ? { [K in Key]?: Value }
    : { [K in Key]: Value }

export type CallOptions<E extends ClientEndpoint> = Wanted<'params', ParamsOf<E>> &
  Wanted<'body', BodyOf<E>> & {
    query?: QueryOf<E>
    signal?: AbortSignal
    headers?: Record<string, string>
  }

/** The server refused. `problem` is what it said, `message` its sentence for people. */
export class ProblemError extends Error {
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.detail || problem.title)
    this.name = 'ProblemError'
    this.problem = problem
  }
  /** The sentence for a field of the body, by JSON pointer (`/max_iterations`). */
  field(pointer: string): string | undefined {
    return this.problem.errors?.find(e => e.pointer === pointer)?.detail
  }
}

/** No answer came: the server is down, or the network. */
export class UnreachableError extends Error {
  constructor(cause: unknown) {
    super('The server cannot be reached. Check that `retrai serve` is running, then try again.', { cause })
    this.name = 'UnreachableError'
  }
}

/** Rejects with ProblemError, UnreachableError, or the signal's reason. */
export async function call<E extends ClientEndpoint>(
  endpoint: E,
  options: CallOptions<E>,
): Promise<ResponseOf<E>> {
  return (await send(endpoint, options)).data
}

/** For lists: also the cursor of the next page, null on the last one, and what else the server says beside them. */
export async function callPage<E extends ClientEndpoint>(
  endpoint: E,
  options: CallOptions<E>,
): Promise<{ data: ResponseOf<E>; nextCursor: string | null; headers: Headers }> {
  const { data, headers } = await send(endpoint, options)
  return { data, nextCursor: nextCursor(headers.get('link')), headers }
}

async function send<E extends ClientEndpoint>(
  endpoint: E,
  options: CallOptions<E>,
): Promise<{ data: ResponseOf<E>; headers: Headers }> {
  const response = await answerOf(endpoint, options)
  // The server parses each answer with the same contract before it leaves; a second parse would cost the bundle Zod.
  return { data: (await response.json()) as ResponseOf<E>, headers: response.headers }
}

/** The answer itself, for what is not JSON. Rejects as `call` does. */
export async function answerOf<E extends ClientEndpoint>(
  endpoint: E,
  options: CallOptions<E>,
): Promise<Response> {
  const body = options.body === undefined ? undefined : JSON.stringify(options.body)
  let response: Response
  try {
    response = await fetch(urlOf(endpoint.path, options.params, options.query), {
      method: endpoint.method,
      headers: {
        accept: 'application/json',
        'x-retrai-client': 'dashboard',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      body,
      signal: options.signal,
      cache: 'no-store',
    })
  } catch (error) {
    options.signal?.throwIfAborted()
    throw new UnreachableError(error)
  }
  if (!response.ok) throw new ProblemError(await problemOf(response))
  return response
}

export function urlOf(path: string, params: unknown, query: unknown): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = new Map(Object.entries(Object(params))).get(name)
    return encodeURIComponent(String(value))
  })
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(Object(query)))
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value))
  return search.size > 0 ? `${filled}?${search}` : filled
}

/** The cursor in `Link: <…?cursor=abc>; rel="next"`. */
export function nextCursor(link: string | null): string | null {
  const target = link?.match(/<([^>]+)>\s*;\s*rel="?next"?/)?.[1]
  return target ? new URL(target, 'http://localhost').searchParams.get('cursor') : null
}

/** What the server said was wrong; made up from the status where something else answered (a proxy, a crash). */
export async function problemOf(response: Response): Promise<Problem> {
  const text = await response.text().catch(() => '')
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null && 'code' in parsed && 'detail' in parsed)
      return parsed as Problem // problem+json of our own server, made by the same contract
  } catch {
    // Not JSON: a proxy's page. It is described below.
  }
  return {
    type: 'about:blank',
    title: response.statusText || `Status ${response.status}`,
    status: response.status,
    detail: `The server answered with status ${response.status} and no explanation. Look at its log.`,
    code: 'internal',
    request_id: response.headers.get('x-request-id') ?? '',
  }
}
