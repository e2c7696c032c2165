import { z } from 'zod'

/**
 * Every code a caller can meet, with its HTTP status and title. Closed: programs switch over `code`, people read `detail`.
 * The shape on the wire is RFC 9457 (application/problem+json).
 */
export const ERRORS = {
  bad_json: { status: 400, title: 'The body is not valid JSON' },
  bad_query: { status: 400, title: 'A query parameter is unknown or wrong' },
  bad_request: { status: 400, title: 'The request cannot be read' },
  unauthorized: { status: 401, title: 'A token is missing or wrong' },
  foreign_origin: { status: 403, title: 'Requests from other sites are refused' },
  not_found: { status: 404, title: 'There is no such thing' },
  run_not_found: { status: 404, title: 'Run not found' },
  method_not_allowed: { status: 405, title: 'This method is not offered here' },
  conflict: { status: 409, title: 'That conflicts with what has already happened' },
  config_not_accepted: { status: 409, title: "The project's settings have not been accepted" },
  gate_decided: { status: 409, title: 'The gate was decided otherwise' },
  run_not_waiting: { status: 409, title: 'The run is not waiting for a decision' },
  run_not_active: { status: 409, title: 'The run has ended' },
  diff_changed: { status: 412, title: 'The diff changed since it was reviewed' },
  body_too_large: { status: 413, title: 'The body is larger than 1 MiB' },
  not_json: { status: 415, title: 'The body must be application/json' },
  unknown_host: { status: 421, title: 'This server does not answer for that host' },
  invalid: { status: 422, title: 'A field is wrong' },
  idempotency_mismatch: { status: 422, title: 'The Idempotency-Key was used with another body' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  queue_full: { status: 429, title: 'The queue is full' },
  internal: { status: 500, title: 'Something went wrong on the server' },
  stopping: { status: 503, title: 'The server is stopping' },
  database_busy: { status: 503, title: 'The database is held by another program' },
  not_ready: { status: 503, title: 'The server is not ready' },
  disk_full: { status: 507, title: 'The disk is full' },
} as const

export type ErrorCode = keyof typeof ERRORS

export const FieldError = z.object({
  pointer: z.string().meta({ description: 'JSON pointer to the field, e.g. /max_iterations' }),
  detail: z.string(),
})
export type FieldError = z.infer<typeof FieldError>

export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string().meta({ description: 'A sentence for people: what is wrong and what to do next' }),
    code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
    request_id: z.string(),
    errors: z.array(FieldError).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details' })
export type Problem = z.infer<typeof Problem>
