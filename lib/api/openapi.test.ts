import { describe, expect, it } from 'vitest'
import { endpoints } from '#lib/contract/endpoints'
import { ERRORS } from '#lib/contract/errors'
import { EVENT_KINDS } from '#lib/contract/event'
import { matchEndpoint } from './match-endpoint.ts'
import { openapiDocument } from './openapi.ts'

interface Operation {
  operationId: string
  parameters: { name: string; in: string; required: boolean }[]
  responses: Record<string, { description: string; content: Record<string, { schema: unknown }> }>
}

// The document is plain JSON; as it is sent.
const document = JSON.parse(JSON.stringify(openapiDocument('1.2.3'))) as {
  openapi: string
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Record<string, unknown>> }
}
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
)

/** Every value under a key, at any depth. */
function valuesOf(key: string, value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(item => valuesOf(key, item))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, item]) => [
    ...(name === key ? [item] : []),
    ...valuesOf(key, item),
  ])
}

describe('the document', () => {
  it('has each endpoint once, under its own method, path and id', () => {
    const listed = operations.map(({ path, method, operationId }) => `${method} ${path} ${operationId}`)
    const expected = endpoints.map(({ id, method, path }) => `${method.toLowerCase()} ${path} ${id}`)
    expect(listed.sort()).toEqual(expected.sort())
    expect(document.openapi).toBe('3.1.0')
  })

  it('refers only to what it has, and names nothing that nobody refers to', () => {
    const refs = valuesOf('$ref', document) as string[]
    const names = refs.map(ref => ref.replace('#/components/schemas/', ''))
    expect(refs.every(ref => ref.startsWith('#/components/schemas/'))).toBe(true)
    expect(names.filter(name => !(name in document.components.schemas))).toEqual([])
    // The events of the WebSocket are there for readers.
    const unused = Object.keys(document.components.schemas).filter(name => !names.includes(name))
    expect(unused.filter(name => name !== 'RunEvent')).toEqual([])
    expect(valuesOf('$schema', document)).toEqual([])
    expect(valuesOf('$defs', document)).toEqual([])
  })

  it('declares every path parameter, and no other', () => {
    for (const { path, parameters } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(match => match[1])
      const declared = parameters.filter(parameter => parameter.in === 'path')
      expect(declared.map(({ name }) => name)).toEqual(inPath)
      expect(declared.every(({ required }) => required)).toBe(true)
      const keys = parameters.map(parameter => `${parameter.in} ${parameter.name}`)
      expect(new Set(keys).size).toBe(keys.length)
    }
  })

  it('says for each operation how it succeeds and how it fails', () => {
    for (const { operationId, responses } of operations) {
      const endpoint = endpoints.find(({ id }) => id === operationId)
      const also = endpoint?.alsoAnswers ?? []
      const statuses = Object.keys(responses)
      const success = statuses.filter(status => status.startsWith('2') && status !== '204')
      expect(success).toHaveLength(1)
      expect(statuses).toEqual(expect.arrayContaining(['401', '403', '421', '500']))
      for (const [status, { description, content }] of Object.entries(responses)) {
        expect(description).not.toBe('')
        if (status === '304' || status === '204') continue // has no body
        const isResponse = status.startsWith('2') || also.some(([other]) => String(other) === status)
        const type = isResponse ? (endpoint?.produces ?? 'application/json') : 'application/problem+json'
        expect(content[type]?.schema).toBeTruthy()
      }
    }
  })

  it('has every kind of event and every code of error', () => {
    const { RunEvent, Problem } = document.components.schemas
    const kinds = valuesOf('const', RunEvent)
    for (const { kind } of EVENT_KINDS) expect(kinds).toContain(kind)
    expect(valuesOf('enum', Problem).flat()).toEqual(Object.keys(ERRORS))
  })
})

describe('an endpoint', () => {
  it('is not looked for at an address that is none', () => {
    for (const path of ['/api/runs/%zz', '/api/runs/%ff/events', '/api/runs/100%']) {
      expect(() => matchEndpoint('GET', path)).toThrow(expect.objectContaining({ code: 'bad_request' }))
    }
  })

  it('is found by method and path, HEAD as GET', () => {
    expect(matchEndpoint('GET', '/api/runs').id).toBe('listRuns')
    expect(matchEndpoint('HEAD', '/api/runs').id).toBe('listRuns')
    expect(matchEndpoint('POST', '/api/runs').id).toBe('startRun')
    expect(matchEndpoint('GET', '/api/runs/some-id').id).toBe('getRun')
    expect(matchEndpoint('GET', '/api/openapi.json').id).toBe('getOpenapi')
  })

  it('that is not declared is not found, and one with another method says which', () => {
    for (const path of [
      '/api',
      '/api/run',
      '/api/runs/',
      '/api/runs//events',
      '/api/runs/a/b/c',
      '/api/openapixjson',
    ])
      expect(() => matchEndpoint('GET', path)).toThrow(expect.objectContaining({ code: 'not_found' }))
    expect(() => matchEndpoint('DELETE', '/api/runs')).toThrow(
      expect.objectContaining({ code: 'method_not_allowed', headers: { allow: 'POST, GET' } }),
    )
  })
})
