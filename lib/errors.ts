import type { ErrorCode, FieldError } from './contract/errors.ts'

// Next holds a second copy of this module, so instanceof would be false: errors are known by this brand.
const BRAND = Symbol.for('retrai.error')

/** An error with a code for programs, a sentence for people and, in `cause`, what happened underneath. */
export class AppError extends Error {
  readonly [BRAND] = true
  readonly code: ErrorCode
  /** For bad input: which fields, and why. */
  readonly fields: FieldError[] | undefined
  /** Extra response headers, e.g. Retry-After. */
  readonly headers: Record<string, string> | undefined

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; fields?: FieldError[]; headers?: Record<string, string> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.fields = options.fields
    this.headers = options.headers
  }
}

export function isAppError(error: unknown): error is AppError {
  return typeof error === 'object' && error !== null && (error as { [BRAND]?: unknown })[BRAND] === true
}

/** The sentence of any thrown thing. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
