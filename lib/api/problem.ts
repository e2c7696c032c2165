// One place turns anything thrown into application/problem+json.
import { randomUUID } from 'node:crypto'
import { ERRORS, type Problem } from '#lib/contract/errors'
import { AppError, isAppError } from '#lib/errors'

export function toProblem(
  error: unknown,
  requestId: string = randomUUID(),
  redact: <T>(value: T) => T = value => value,
): Problem {
  const known = isAppError(error)
    ? error
    : new AppError('internal', 'Something went wrong; the log has this request_id')
  const { status, title } = ERRORS[known.code]
  return redact({
    type: `https://retrai.dev/problems/${known.code}`,
    title,
    status,
    detail: known.message,
    code: known.code,
    request_id: requestId,
    ...(known.fields && known.fields.length > 0 ? { errors: known.fields } : {}),
  })
}

export function problemResponse(error: unknown, requestId?: string, redact?: <T>(value: T) => T): Response {
  const problem = toProblem(error, requestId, redact)
  const headers = isAppError(error) ? error.headers : undefined
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
  })
}
