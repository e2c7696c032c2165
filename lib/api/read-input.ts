// From what came over the wire to what a handler takes, or the error that says what is wrong with it.
import { z } from 'zod'
import type { ErrorCode, FieldError } from '#lib/contract/errors'
import { AppError } from '#lib/errors'
import { LIMITS } from '#lib/limits'
import { nearest } from '#lib/nearest'

const MAX_NAME = 200
/** Up to so many times the limit, a body is read in order to be thrown away. */
const DISCARD_TIMES = 8

/** Parses with a schema; unknown fields are refused with the nearest known name. */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown, code: ErrorCode): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const known = knownFields(schema)
  const fields = result.error.issues.flatMap(issue => toFieldErrors(issue, known))
  const [first] = fields
  const where = first?.pointer ? `${first.pointer.slice(1)}: ` : ''
  throw new AppError(code, first ? `${where}${first.detail}` : 'The input is not valid', { fields })
}

function knownFields(schema: z.ZodType): string[] {
  const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : []
}

function toFieldErrors(issue: z.core.$ZodIssue, known: string[]): FieldError[] {
  const path = issue.path.map(part => String(part).slice(0, MAX_NAME))
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, 20).map(key => {
      const name = key.slice(0, MAX_NAME)
      const near = path.length === 0 ? nearest(name, known) : null
      return {
        pointer: pointerTo([...path, name]),
        detail: `unknown field${near ? `; did you mean ${near}?` : ''}`,
      }
    })
  }
  return [{ pointer: pointerTo(path), detail: sentence(issue) }]
}

const pointerTo = (path: string[]) =>
  path.map(part => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

// Zod's own words; a message that begins otherwise was written by us, for this field.
const DEFAULT_MESSAGE = /^(Invalid|Too (small|big)|Unrecognized)/

function sentence(issue: z.core.$ZodIssue): string {
  if (/received undefined$/.test(issue.message)) return 'is missing'
  if (!DEFAULT_MESSAGE.test(issue.message)) return issue.message
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' ? 'must be a whole number' : `must be ${article(issue.expected)}`
    case 'too_small':
      return tooSmall(issue)
    case 'too_big':
      return `${amount(issue.origin)} at most ${issue.maximum}${unit(issue.origin)}`
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`
    case 'invalid_union': {
      const options = issue.errors.flatMap(([first]) => (first ? [sentence(first)] : []))
      return options.length > 0 ? options.join(', or ') : 'is not valid'
    }
    default:
      return issue.message.charAt(0).toLowerCase() + issue.message.slice(1)
  }
}

function tooSmall(issue: z.core.$ZodIssueTooSmall): string {
  if (issue.origin === 'string' && issue.minimum === 1) return 'must not be empty'
  const bound = issue.inclusive === false ? `more than ${issue.minimum}` : `at least ${issue.minimum}`
  return `${amount(issue.origin)} ${bound}${unit(issue.origin)}`
}

const amount = (origin: string) => (origin === 'string' || origin === 'array' ? 'must have' : 'must be')
const unit = (origin: string) => (origin === 'string' ? ' characters' : origin === 'array' ? ' items' : '')
const article = (type: string) => (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`)

/** The JSON body. `undefined` when there is none. */
export async function readJson(request: Request): Promise<unknown> {
  const type = request.headers.get('content-type')
  const text = await readText(request)
  if (text === '') return undefined
  if (!/^application\/json\s*(;|$)/i.test(type ?? '')) {
    throw new AppError('not_json', 'Send the body as application/json')
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new AppError(
      'bad_json',
      `The body is not valid JSON: ${(error as Error).message.slice(0, MAX_NAME)}`,
    )
  }
}

/**
 * A body that is too large is read to its end all the same, within reason: an answer before that leaves a connection on which
 * the rest of the body stands in the way of the next request.
 */
async function readText(request: Request): Promise<string> {
  const hopeless = DISCARD_TIMES * LIMITS.bodyBytes
  if (Number(request.headers.get('content-length') ?? 0) > hopeless) throw tooLarge({ connection: 'close' })
  if (!request.body) return ''
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size > hopeless) throw tooLarge({ connection: 'close' })
    if (size > LIMITS.bodyBytes) chunks.length = 0
    else chunks.push(chunk)
  }
  if (size > LIMITS.bodyBytes) throw tooLarge()
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    throw new AppError('bad_json', 'The body is not valid UTF-8')
  }
}

const tooLarge = (headers?: Record<string, string>) =>
  new AppError('body_too_large', `The body may have at most ${LIMITS.bodyBytes} bytes`, { headers })

/** Query parameters as an object; one given twice is refused. */
export function readQuery(url: URL): Record<string, string> {
  const query: Record<string, string> = {}
  for (const [name, value] of url.searchParams) {
    if (Object.hasOwn(query, name)) {
      const detail = 'was given twice; use commas for several values'
      throw new AppError('bad_query', `${name} ${detail}`, { fields: [{ pointer: `/${name}`, detail }] })
    }
    Object.defineProperty(query, name, { value, enumerable: true })
  }
  return query
}
