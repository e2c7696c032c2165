import type { z } from 'zod'
import type { ErrorCode } from './errors.ts'

/**
 * One operation of the REST API, as data. The route handler, the OpenAPI document, the typed client and the
 * forms all read this; nothing about an operation is written down twice.
 */
export interface Endpoint<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
> {
  id: string
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Template with `{name}` for each path parameter. */
  path: string
  tag: string
  summary: string
  params?: Params
  query?: Query
  body?: Body
  response: Response
  /** Success status; 200 unless said otherwise. */
  status?: number
  /** The errors it may answer besides the ones every endpoint may (401, 403, 421, 500). */
  errors?: ErrorCode[]
  /** Answered by server.ts before Next (health, readiness): no route file belongs to it. */
  direct?: boolean
  /** Statuses besides that carry the same response (204: none), and what they mean. */
  alsoAnswers?: [status: number, meaning: string][]
  /** Media types of the success response besides JSON, e.g. NDJSON. */
  alsoProduces?: string[]
  /** The media type of the success response where it is not JSON at all. */
  produces?: string
  /** Request headers that mean something to this operation alone. */
  headers?: { name: string; description: string; schema: Record<string, unknown> }[]
}

/** Of what starts a run. */
export const START_HEADERS = [
  {
    name: 'Idempotency-Key',
    description: 'The same key and body again: the first answer again, and nothing started twice',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  },
  {
    name: 'traceparent',
    description:
      'W3C Trace Context: the spans of the run belong to this trace, where the server sends traces',
    schema: { type: 'string' },
  },
]

export function endpoint<
  P extends z.ZodType = z.ZodNever,
  Q extends z.ZodType = z.ZodNever,
  B extends z.ZodType = z.ZodNever,
  R extends z.ZodType = z.ZodNever,
>(definition: Endpoint<P, Q, B, R>): Endpoint<P, Q, B, R> {
  return definition
}
