// What went wrong with an attempt, told apart: what passes (AttemptFailure, retried), what needs a person (quota), and
// what would fail for ever (rejected).
import { APIConnectionError, APIError } from '@anthropic-ai/sdk'
import { messageOf } from '#lib/errors'
import { ModelError } from './model.ts'
import { AttemptFailure, readRetryAfter } from './retry.ts'

const SHOWN = 300
/** Looked at to find what is shown: pages of errors begin with markup. */
const LOOKED_AT = 16 * 1024

/** Statuses below 500 that pass with time: timeout, lock conflict, too early, rate limit, client closed (a proxy's). */
const PASSING = new Set([408, 409, 425, 429, 499])

/** The status that an `error` event within a stream would have had as an answer. */
const STATUS_OF_TYPE: Record<string, number> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
}

export interface ProviderFailure {
  status: number
  /** The provider's own words. */
  message: string
  /** A stable code such as `enforced_spend_limit_reached`, where given. */
  code?: string | null
  headers?: Headers | undefined
  cause?: unknown
}

/** The error to throw for what the SDK threw while it made the request. */
export function failureOf(error: unknown, secrets: string[]): AttemptFailure | ModelError {
  if (error instanceof APIConnectionError) {
    return new AttemptFailure(connectionReason(error, secrets), { cause: error })
  }
  if (error instanceof APIError && typeof error.status === 'number') {
    return providerFailure(
      {
        status: error.status,
        message: error.apiMessage ?? bodyText(error),
        code: error.errorCode ?? error.type,
        headers: error.headers,
        cause: error,
      },
      secrets,
    )
  }
  // A base URL that is none, a key with a line break in it. No cause: its text may hold the key.
  return new ModelError(
    'rejected',
    `The request could not be made: ${shorten(hide(messageOf(error), secrets))}`,
  )
}

/** For an `error` event that came after status 200. */
export function eventFailure(body: unknown, secrets: string[]): AttemptFailure | ModelError {
  const error = field(body, 'error')
  const type = text(field(error, 'type')) ?? 'unknown_error'
  const message = text(field(error, 'message')) ?? type
  const code = text(field(field(error, 'details'), 'error_code')) ?? type
  // An unknown type after 200 is taken as passing: the request itself had been accepted.
  return providerFailure({ status: STATUS_OF_TYPE[type] ?? 500, message, code }, secrets)
}

export function providerFailure(failure: ProviderFailure, secrets: string[]): AttemptFailure | ModelError {
  const { status, headers, cause } = failure
  const said = shorten(hide(failure.message, secrets))
  const sentence = said === '' ? `HTTP ${status}` : `HTTP ${status}: ${said}`
  const retryAfterMs = readRetryAfter(headers)

  if (isQuota(failure, retryAfterMs)) {
    return new ModelError('quota', `The provider's spending or usage limit is reached (${sentence})`, {
      status,
      retryAfterMs,
      cause,
    })
  }
  if (status >= 300 && status < 400) return redirected(failure, sentence)
  if (status >= 500 || PASSING.has(status)) {
    return new AttemptFailure(sentence, { status, retryAfterMs, cause })
  }
  return new ModelError('rejected', `The provider refused the request (${sentence})`, { status, cause })
}

/**
 * A redirect is never followed: the key would go along. One that is meant to last is a wrong base URL; any other is a proxy's or
 * a hotel's sign-in page, which passes.
 */
function redirected({ status, headers, cause }: ProviderFailure, sentence: string) {
  const target = shorten(headers?.get('location') ?? 'no address')
  if (status !== 301 && status !== 308) {
    return new AttemptFailure(`${sentence}; it redirects to ${target}`, { status, cause })
  }
  return new ModelError(
    'rejected',
    `The model's endpoint has moved to ${target} (HTTP ${status}); set the base URL to where it is now`,
    { status, cause },
  )
}

// Anthropic reports a limit that the customer has set, and an empty balance, as 400; a tier's cap as 429 without
// retry-after. Waiting a minute helps with neither.
const QUOTA = /\b(?:credits?|spend(?:ing)?|billing|balance|quota|usage limits?)\b/i
/** Of other endpoints: `insufficient_quota`. */
const QUOTA_CODE = /credit|spend|billing|balance|quota/i

function isQuota({ status, message, code }: ProviderFailure, retryAfterMs: number | null): boolean {
  if (status === 402) return true
  if (code?.endsWith('spend_limit_reached')) return true
  // A rate limit that says nothing more passes, whether it names a time or not.
  if (status === 429) return retryAfterMs === null && (QUOTA.test(message) || QUOTA_CODE.test(code ?? ''))
  return status === 400 && /usage limits|credit balance/i.test(message)
}

/** One line of what a provider or proxy sent: HTML pages down to their words, long bodies cut. */
export function shorten(message: string): string {
  const start = message.slice(0, LOOKED_AT)
  // `[^<>]`, not `[^>]`: a page of nothing but `<` would take the loop away for seconds.
  const plain = /<[a-z!][^<>]*>/i.test(start)
    ? start.replace(/<(script|style)\b[\s\S]*?(?:<\/\1>|$)/gi, ' ').replace(/<[^<>]*>/g, ' ')
    : start
  const line = plain.replace(/\s+/g, ' ').trim()
  return line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line
}

/** Providers quote what they were sent, the key included. Before shortening, which could leave half a key. */
export function hide(message: string, secrets: string[]): string {
  return secrets.reduce((rest, secret) => (secret === '' ? rest : rest.replaceAll(secret, '[key]')), message)
}

function bodyText(error: APIError): string {
  // The SDK puts a body that is not JSON behind the status in its message, and the JSON text of one that is.
  const { error: body } = error as { error: unknown }
  return text(field(body, 'message')) ?? text(field(body, 'error')) ?? error.message.replace(/^\d{3}\s*/, '')
}

/** `fetch failed` says nothing; the system's code is at the bottom of the causes. */
export function connectionReason(error: unknown, secrets: string[]): string {
  let deepest: unknown = error
  for (let depth = 0; depth < 8; depth++) {
    const cause = field(deepest, 'cause') ?? (field(deepest, 'errors') as unknown[] | undefined)?.[0]
    if (cause === undefined || cause === null) break
    deepest = cause
  }
  const code = text(field(deepest, 'code'))
  const message = hide(text(field(deepest, 'message')) ?? String(deepest), secrets)
  if (code && !message.includes(code)) return `connection failed: ${shorten(message)} (${code})`
  return `connection failed: ${shorten(message || (code ?? 'unknown reason'))}`
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return (value as Record<string, unknown>)[name] // Any object may be read by name; what comes is unknown.
}

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)
