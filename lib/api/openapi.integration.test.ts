// The published document itself: valid OpenAPI 3.1, complete, and every schema in it a schema.
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { endpoints } from '#lib/contract/endpoints'
import { startServer, type TestServer } from '#lib/testing/server'

type Json = Record<string, unknown>
interface Operation {
  operationId: string
  summary: string
  parameters: { name: string; in: string; required: boolean }[]
  requestBody?: unknown
  responses: Record<string, { content?: Record<string, { schema: unknown }> }>
}

let server: TestServer
let document: Json & { paths: Record<string, Record<string, Operation>> }
beforeAll(async () => {
  server = await startServer()
  const response = await fetch(`${server.url}/api/openapi.json`)
  document = (await response.json()) as typeof document // its shape is what these tests hold
})
afterAll(() => server?.close())

/** The objects of OpenAPI 3.1 as far as they are used here, closed: a misspelt field is a fault. */
const RULES = {
  type: 'object',
  required: ['openapi', 'info', 'paths', 'components'],
  additionalProperties: false,
  properties: {
    openapi: { type: 'string', pattern: '^3\\.1\\.\\d+$' },
    info: {
      type: 'object',
      required: ['title', 'version'],
      additionalProperties: false,
      properties: {
        title: { type: 'string', minLength: 1 },
        version: { type: 'string', minLength: 1 },
        summary: { type: 'string' },
        description: { type: 'string' },
        license: {
          type: 'object',
          required: ['name'],
          additionalProperties: false,
          properties: { name: { type: 'string' }, identifier: { type: 'string' } },
        },
      },
    },
    servers: {
      type: 'array',
      items: {
        type: 'object',
        required: ['url'],
        additionalProperties: false,
        properties: { url: { type: 'string' }, description: { type: 'string' } },
      },
    },
    tags: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name'],
        additionalProperties: false,
        properties: { name: { type: 'string' }, description: { type: 'string' } },
      },
    },
    security: {
      type: 'array',
      items: { type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } } },
    },
    paths: {
      type: 'object',
      additionalProperties: false,
      patternProperties: {
        '^/': {
          type: 'object',
          additionalProperties: false,
          patternProperties: { '^(get|put|post|delete|patch)$': { $ref: '#/$defs/operation' } },
        },
      },
    },
    webhooks: {
      type: 'object',
      minProperties: 1,
      additionalProperties: {
        type: 'object',
        required: ['post'],
        additionalProperties: false,
        properties: { post: { $ref: '#/$defs/operation' } },
      },
    },
    components: {
      type: 'object',
      additionalProperties: false,
      properties: {
        schemas: {
          type: 'object',
          additionalProperties: false,
          patternProperties: { '^[a-zA-Z0-9._-]+$': { $ref: '#/$defs/schema' } },
        },
        securitySchemes: {
          type: 'object',
          additionalProperties: {
            type: 'object',
            required: ['type'],
            additionalProperties: false,
            properties: {
              type: { enum: ['http', 'apiKey'] },
              scheme: { type: 'string' },
              description: { type: 'string' },
              name: { type: 'string' },
              in: { enum: ['cookie', 'header', 'query'] },
            },
          },
        },
      },
    },
  },
  $defs: {
    operation: {
      type: 'object',
      required: ['operationId', 'responses'],
      additionalProperties: false,
      properties: {
        operationId: { type: 'string', pattern: '^[a-zA-Z]+$' },
        summary: { type: 'string', minLength: 1 },
        description: { type: 'string' },
        tags: { type: 'array', items: { type: 'string' } },
        security: { type: 'array' },
        parameters: { type: 'array', items: { $ref: '#/$defs/parameter' } },
        requestBody: {
          type: 'object',
          required: ['content'],
          additionalProperties: false,
          properties: {
            description: { type: 'string' },
            required: { type: 'boolean' },
            content: { $ref: '#/$defs/content' },
          },
        },
        responses: {
          type: 'object',
          minProperties: 1,
          additionalProperties: false,
          patternProperties: {
            '^([1-5](\\d\\d|XX)|default)$': {
              type: 'object',
              required: ['description'],
              additionalProperties: false,
              properties: {
                description: { type: 'string' },
                headers: { type: 'object' },
                content: { $ref: '#/$defs/content' },
              },
            },
          },
        },
      },
    },
    parameter: {
      type: 'object',
      required: ['name', 'in', 'schema'],
      additionalProperties: false,
      properties: {
        name: { type: 'string' },
        in: { enum: ['path', 'query', 'header', 'cookie'] },
        required: { type: 'boolean' },
        description: { type: 'string' },
        schema: { $ref: '#/$defs/schema' },
      },
    },
    content: {
      type: 'object',
      minProperties: 1,
      propertyNames: { pattern: '^[a-z]+/[a-z0-9.+-]+$' },
      additionalProperties: {
        type: 'object',
        required: ['schema'],
        additionalProperties: false,
        properties: { schema: { $ref: '#/$defs/schema' } },
      },
    },
    schema: { $ref: 'https://json-schema.org/draft/2020-12/schema' },
  },
}

it('is valid OpenAPI 3.1, with valid JSON schemas', () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  const validate = ajv.compile(RULES)
  expect(validate(document), JSON.stringify(validate.errors, null, 1)).toBe(true)
})

it('refers only to what it has', () => {
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref!)
  expect(refs.length).toBeGreaterThan(10)
  for (const ref of new Set(refs)) {
    const found = ref
      .replace(/^#\//, '')
      .split('/')
      .reduce<unknown>((value, name) => (value as Json | undefined)?.[name], document)
    expect(found, ref).toBeDefined()
  }
})

it('describes every endpoint once, with its path parameters, its body and the problems of the guard', () => {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  const named = operations.map(({ path, method, operation }) => `${method} ${path} ${operation.operationId}`)
  expect(named.sort()).toEqual(endpoints.map(({ method, path, id }) => `${method} ${path} ${id}`).sort())
  expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length)
  for (const { path, method, operation } of operations) {
    const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name)
    const declared = operation.parameters.filter(parameter => parameter.in === 'path')
    expect(
      declared.map(({ name }) => name),
      path,
    ).toEqual(inPath)
    for (const parameter of declared) expect(parameter.required).toBe(true)
    expect(operation.requestBody !== undefined, `${method} ${path}`).toBe(
      ['POST', 'PATCH', 'PUT'].includes(method),
    )
    for (const status of ['401', '403', '421', '500']) {
      expect(Object.keys(operation.responses[status]?.content ?? {})).toEqual(['application/problem+json'])
    }
  }
})

it('names the server’s own version, and is answered with an ETag that holds', async () => {
  const health = (await (await fetch(`${server.url}/healthz`)).json()) as { version: string }
  expect(document.info).toMatchObject({ title: 'retrAI', version: health.version })
  const first = await fetch(`${server.url}/api/openapi.json`)
  await first.arrayBuffer()
  const etag = first.headers.get('etag') ?? ''
  const second = await fetch(`${server.url}/api/openapi.json`, { headers: { 'if-none-match': etag } })
  expect(second.status).toBe(304)
})
