// The OpenAPI 3.1 document, made from the endpoints' own schemas. Nothing of it is written by hand.
import { z } from 'zod'
import type { Endpoint } from '#lib/contract/endpoint'
import { endpoints } from '#lib/contract/endpoints'
import { ERRORS, type ErrorCode, Problem } from '#lib/contract/errors'
import { RunEventSchema } from '#lib/contract/event'
import { WEBHOOK_HEADERS, webhooks } from '#lib/contract/webhook'

type Json = Record<string, unknown>

/** Errors that any endpoint may answer: the guard stands in front of all. */
const ALWAYS: ErrorCode[] = ['unauthorized', 'foreign_origin', 'unknown_host', 'internal']
/** What route() refuses by itself, and what anything that asks the database may meet. */
const OF_ROUTES: ErrorCode[] = ['bad_query', 'database_busy']
const OF_BODIES: ErrorCode[] = ['bad_json', 'body_too_large', 'not_json', 'invalid']
/** What a server that cannot store anything answers, for the moment or until it is back. */
const OF_CHANGES: ErrorCode[] = ['stopping', 'disk_full']

const PREFIX = '#/components/schemas/'

export function openapiDocument(version: string): Json {
  const components: Json = {}
  const paths: Record<string, Json> = {}
  const schema = (type: z.ZodType, io: 'input' | 'output') => toSchema(type, io, components)
  schema(RunEventSchema, 'output')
  for (const endpoint of endpoints) {
    paths[endpoint.path] ??= {}
    paths[endpoint.path]![endpoint.method.toLowerCase()] = operation(endpoint, schema)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'retrAI',
      version,
      description:
        'Runs an AI agent on a project until a goal is met, and proves that it is met. Live events: WebSocket at ' +
        '/api/ws/{run_id}, one RunEvent per text frame (`?after=N` to resume, `?deltas=1` for ephemeral output); the same ' +
        'as server-sent events at /api/runs/{run_id}/events with `Accept: text/event-stream`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(endpoints.map(endpoint => endpoint.tag))].map(name => ({ name })),
    security: [{}, { bearer: [] }],
    paths,
    webhooks: Object.fromEntries(webhooks.map(hook => [hook.type, { post: webhookOperation(hook, schema) }])),
    components: {
      schemas: components,
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'Needed when the server was started with a token',
        },
      },
    },
  }
}

/** What the server asks of others. */
function webhookOperation({ type, summary, body }: (typeof webhooks)[number], schema: ToSchema): Json {
  return {
    operationId: `webhook${type.split('_').map(capital).join('')}`,
    summary,
    tags: ['server'],
    parameters: WEBHOOK_HEADERS.map(header => ({
      ...header,
      in: 'header',
      required: header.name !== 'webhook-signature',
      schema: { type: 'string' },
    })),
    requestBody: { required: true, content: { 'application/json': { schema: schema(body, 'output') } } },
    responses: {
      '2XX': { description: 'Taken: it is not sent again' },
      default: { description: 'Sent again, later and later, for three days. Redirects are not followed' },
    },
  }
}

const capital = (word: string) => word.replace(/^./, letter => letter.toUpperCase())

type ToSchema = (type: z.ZodType, io: 'input' | 'output') => Json

function operation(endpoint: Endpoint, schema: ToSchema): Json {
  const status = endpoint.status ?? 200
  const content: Json = {
    [endpoint.produces ?? 'application/json']: { schema: schema(endpoint.response, 'output') },
  }
  for (const type of endpoint.alsoProduces ?? []) content[type] = { schema: { type: 'string' } }
  return {
    operationId: endpoint.id,
    summary: endpoint.summary,
    tags: [endpoint.tag],
    parameters: [
      ...parameters(endpoint.params, 'path', schema),
      ...parameters(endpoint.query, 'query', schema),
      ...(endpoint.headers ?? []).map(header => ({ ...header, in: 'header', required: false })),
    ],
    ...(endpoint.body
      ? {
          requestBody: {
            required: !endpoint.body.safeParse(undefined).success,
            content: { 'application/json': { schema: schema(endpoint.body, 'input') } },
          },
        }
      : {}),
    responses: {
      [status]: { description: 'Success', content },
      ...(endpoint.method === 'GET' && !endpoint.direct
        ? { 304: { description: 'Not modified: If-None-Match names the ETag of the answer as it is' } }
        : {}),
      ...problems(errorsOf(endpoint), schema),
      ...Object.fromEntries(
        (endpoint.alsoAnswers ?? []).map(([code, description]) => [
          code,
          code === 204 ? { description } : { description, content },
        ]),
      ),
    },
  }
}

const errorsOf = (endpoint: Endpoint): ErrorCode[] => [
  ...new Set([
    ...(endpoint.errors ?? []),
    ...(endpoint.direct ? [] : OF_ROUTES),
    ...(endpoint.body ? OF_BODIES : []),
    ...(endpoint.method === 'GET' ? [] : OF_CHANGES),
    ...ALWAYS,
  ]),
]

function parameters(type: z.ZodType | undefined, where: 'path' | 'query', schema: ToSchema): Json[] {
  if (!(type instanceof z.ZodObject)) return []
  return Object.entries(type.shape).map(([name, field]) => {
    const { description, ...rest } = schema(field as z.ZodType, 'output')
    const required = where === 'path' || !(field as z.ZodType).safeParse(undefined).success
    return { name, in: where, required, ...(description ? { description } : {}), schema: rest }
  })
}

function problems(codes: ErrorCode[], schema: ToSchema): Json {
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of codes) {
    const { status } = ERRORS[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, list]) => [
      status,
      {
        description: list.map(code => `${code}: ${ERRORS[code].title}`).join('; '),
        content: { 'application/problem+json': { schema: schema(Problem, 'output') } },
      },
    ]),
  )
}

/** JSON Schema of a type; named types go to the components and are referred to. */
function toSchema(type: z.ZodType, io: 'input' | 'output', components: Json): Json {
  const {
    $schema: _,
    $defs,
    ...schema
  } = z.toJSONSchema(type, {
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema }) => plain(jsonSchema),
  }) as Json & { $defs?: Json }
  for (const [name, definition] of Object.entries($defs ?? {})) components[name] = point(definition)
  const pointed = point(schema) as Json
  const { id } = pointed
  if (typeof id !== 'string') return pointed
  delete pointed.id
  components[id] = pointed
  return { $ref: `${PREFIX}${id}` }
}

/** Without what says nothing to a reader: the bounds of a safe integer, and the pattern behind a named format. */
function plain(schema: z.core.JSONSchema.BaseSchema) {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum
  if (schema.format) delete schema.pattern
}

/** Zod refers to `#/$defs/X`; OpenAPI keeps its schemas elsewhere. */
function point(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(point)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === '$ref' && typeof item === 'string' ? item.replace('#/$defs/', PREFIX) : point(item),
    ]),
  )
}
