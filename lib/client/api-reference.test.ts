import { expect, test } from 'vitest'
import { apiReference, type Type, typeOf } from './api-reference.ts'

const said = (type: Type | null | undefined) => type?.map(({ text }) => text).join('')

const DOCUMENT = {
  openapi: '3.1.0',
  info: { title: 'retrAI', version: '1.2.3', description: 'Runs agents' },
  paths: {
    '/api/runs': {
      post: {
        operationId: 'startRun',
        summary: 'Start a run',
        tags: ['runs'],
        parameters: [
          {
            name: 'Idempotency-Key',
            in: 'header',
            required: false,
            schema: { type: 'string', minLength: 1, maxLength: 255 },
          },
        ],
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/StartRun' } } },
        },
        responses: {
          201: {
            description: 'Success',
            content: { 'application/json': { schema: { $ref: '#/components/schemas/RunStarted' } } },
          },
          422: { description: 'invalid: A field is wrong' },
        },
      },
    },
    '/healthz': { get: { tags: ['server'], responses: {} } },
  },
  webhooks: {
    run_ended: {
      post: {
        operationId: 'webhookRunEnded',
        summary: 'A run has ended',
        requestBody: { required: true, content: { 'application/json': { schema: { type: 'object' } } } },
        responses: { '2XX': { description: 'Taken' } },
      },
    },
  },
  components: {
    schemas: {
      StartRun: {
        type: 'object',
        required: ['cwd'],
        anyOf: [{ required: ['goal'] }, { required: ['goals'] }],
        properties: {
          goal: { type: 'string', description: 'What is to be achieved' },
          cwd: { type: 'string' },
          max_iterations: { type: 'integer', minimum: 1, maximum: 1000, default: 20 },
        },
      },
      RunStarted: { type: 'object', properties: { status: { enum: ['running', 'queued'] } } },
      RunEvent: {
        oneOf: [
          {
            type: 'object',
            properties: { kind: { const: 'log' }, seq: { type: 'integer' } },
            required: ['kind'],
          },
          { type: 'object', properties: { kind: { const: 'error' } } },
        ],
      },
    },
  },
}

test('operations stand by tag, with what they take, what they answer, and a request that could be meant', () => {
  const { title, version, groups } = apiReference(DOCUMENT)
  expect([title, version, groups.map(({ tag }) => tag)]).toEqual([
    'retrAI',
    '1.2.3',
    ['runs', 'server', 'webhooks'],
  ])
  const [start] = groups[0]!.operations
  expect(start).toMatchObject({ id: 'startRun', method: 'POST', path: '/api/runs', summary: 'Start a run' })
  expect(said(start?.parameters[0]?.type)).toBe('string, not empty, at most 255 characters')
  expect(start?.body?.type).toEqual([{ text: 'StartRun', schema: 'StartRun' }])
  expect(JSON.parse(start?.example ?? '')).toEqual({ cwd: '…', goal: '…' })
  expect(start?.responses.map(({ status, type }) => [status, said(type) ?? null])).toEqual([
    ['201', 'RunStarted'],
    ['422', null],
  ])
})

test('schemas have their fields, and one of several has each of them', () => {
  const { schemas } = apiReference(DOCUMENT)
  const [event, , start] = schemas
  expect(schemas.map(({ name }) => name)).toEqual(['RunEvent', 'RunStarted', 'StartRun'])
  expect(event?.variants.map(({ name }) => name)).toEqual(['kind: log', 'kind: error'])
  expect(
    start?.fields.map(({ name, isRequired, type, description }) => [
      name,
      isRequired,
      said(type),
      description,
    ]),
  ).toEqual([
    ['goal', false, 'string', 'What is to be achieved'],
    ['cwd', true, 'string', ''],
    ['max_iterations', false, 'integer, 1 to 1000', 'Default 20'],
  ])
})

test.each([
  [{ type: 'array', items: { $ref: '#/components/schemas/Run' } }, 'Run[]'],
  [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, 'string | null'],
  [{ type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'integer' }] } }, '(string | integer)[]'],
  [{ enum: ['off', 'on'] }, '"off" | "on"'],
  [{ type: 'object', additionalProperties: { type: 'integer' } }, 'object of integer'],
  [{ type: 'object', additionalProperties: {} }, 'object'],
  [{ type: 'number', exclusiveMinimum: 0, maximum: 10 }, 'number, above 0, at most 10'],
  [{ type: 'string', format: 'uuid' }, 'string, uuid'],
  [{}, 'anything'],
])('%j is said as %s', (schema, words) => {
  expect(said(typeOf(schema))).toBe(words)
})

test('what is no document is an empty reference, and schemas that contain themselves come to an end', () => {
  expect(apiReference(null)).toEqual({ title: '', version: '', description: '', groups: [], schemas: [] })
  const self: Record<string, unknown> = { type: 'array' }
  self.items = self
  expect(said(typeOf(self))).toContain('…')
})

test('what the server sends itself is a group of its own, without a command to try it', () => {
  const { groups } = apiReference(DOCUMENT)
  expect(groups.at(-1)).toMatchObject({
    tag: 'webhooks',
    operations: [{ id: 'webhookRunEnded', path: 'run_ended', isSent: true, example: null }],
  })
  expect(groups[0]?.operations[0]?.isSent).toBe(false)
})
