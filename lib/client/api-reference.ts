// The OpenAPI document as a page shows it: operations by tag, and every schema in words. Pure, and for any document: what it
// does not know is left out.

export interface ApiReference {
  title: string
  version: string
  description: string
  groups: { tag: string; operations: Operation[] }[]
  schemas: NamedSchema[]
}

export interface Operation {
  id: string
  method: string
  path: string
  summary: string
  parameters: (Field & { place: string })[]
  body: { type: Type; isRequired: boolean; fields: Field[] } | null
  responses: { status: string; description: string; type: Type | null; media: string[] }[]
  /** The smallest body that could be meant, as JSON; null without one, and for what the server sends itself. */
  example: string | null
  /** The server asks it of others: a webhook. */
  isSent: boolean
}

export interface Field {
  name: string
  isRequired: boolean
  type: Type
  description: string
}

/** A type in words, in pieces: what names a schema can be a link to it. */
export type Type = { text: string; schema?: string }[]

export interface NamedSchema {
  name: string
  description: string
  type: Type
  fields: Field[]
  /** Of a schema that is one of several: each by itself. */
  variants: { name: string; fields: Field[] }[]
}

type Json = Record<string, unknown>

const METHODS = ['get', 'post', 'put', 'patch', 'delete']
const MAX_DEPTH = 6

export function apiReference(document: unknown): ApiReference {
  const { info, paths, webhooks, components } = obj(document)
  const schemas = obj(obj(components).schemas)
  const operations = Object.entries(obj(paths)).flatMap(([path, item]) =>
    METHODS.filter(method => method in obj(item)).map(method => ({
      tag: str(list(obj(obj(item)[method]).tags)[0]) || 'other',
      operation: operationOf(method, path, obj(obj(item)[method]), schemas),
    })),
  )
  const sent = Object.entries(obj(webhooks)).map(([name, item]) => ({
    ...operationOf('post', name, obj(obj(item).post), schemas),
    example: null,
    isSent: true,
  }))
  const tags = [...new Set(operations.map(({ tag }) => tag))]
  return {
    title: str(obj(info).title),
    version: str(obj(info).version),
    description: str(obj(info).description),
    groups: [
      ...tags.map(tag => ({
        tag,
        operations: operations.filter(one => one.tag === tag).map(({ operation }) => operation),
      })),
      ...(sent.length > 0 ? [{ tag: 'webhooks', operations: sent }] : []),
    ],
    schemas: Object.keys(schemas)
      .sort()
      .map(name => namedSchema(name, obj(schemas[name]))),
  }
}

function operationOf(method: string, path: string, operation: Json, schemas: Json): Operation {
  const content = obj(obj(operation.requestBody).content)
  const bodySchema = obj(obj(content['application/json']).schema)
  const hasBody = Object.keys(bodySchema).length > 0
  return {
    id: str(operation.operationId) || `${method} ${path}`,
    method: method.toUpperCase(),
    path,
    summary: str(operation.summary),
    parameters: list(operation.parameters).map(one => {
      const parameter = obj(one)
      return {
        name: str(parameter.name),
        place: str(parameter.in),
        isRequired: parameter.required === true,
        type: typeOf(obj(parameter.schema)),
        description: str(parameter.description) || str(obj(parameter.schema).description),
      }
    }),
    body: hasBody
      ? {
          type: typeOf(bodySchema),
          isRequired: obj(operation.requestBody).required === true,
          // Of a named schema the fields stand where it is described.
          fields: fieldsOf(bodySchema),
        }
      : null,
    responses: Object.entries(obj(operation.responses)).map(([status, value]) => {
      const response = obj(value)
      const types = obj(response.content)
      const [first] = Object.values(types)
      return {
        status,
        description: str(response.description),
        type: first === undefined ? null : typeOf(obj(obj(first).schema)),
        media: Object.keys(types),
      }
    }),
    isSent: false,
    example: hasBody ? JSON.stringify(exampleOf(bodySchema, schemas), null, 2) : null,
  }
}

function namedSchema(name: string, schema: Json): NamedSchema {
  const alternatives = [...list(schema.oneOf), ...list(schema.anyOf)].map(obj)
  const variants = alternatives
    .filter(one => Object.keys(obj(one.properties)).length > 0)
    .map((one, i) => ({ name: variantName(one) ?? `${i + 1}`, fields: fieldsOf(one) }))
  return {
    name,
    description: str(schema.description),
    type: typeOf(schema),
    fields: fieldsOf(schema),
    variants,
  }
}

/** Told apart by a constant, as events are by their kind. */
function variantName(schema: Json): string | null {
  for (const [field, value] of Object.entries(obj(schema.properties)))
    if (obj(value).const !== undefined) return `${field}: ${String(obj(value).const)}`
  return null
}

function fieldsOf(schema: Json): Field[] {
  const required = list(schema.required)
  return Object.entries(obj(schema.properties)).map(([name, value]) => ({
    name,
    isRequired: required.includes(name),
    type: typeOf(obj(value)),
    description: wordsFor(obj(value)),
  }))
}

function wordsFor(schema: Json): string {
  const parts = [str(schema.description)]
  if (schema.default !== undefined && !/^Default\b/.test(str(schema.description)))
    parts.push(`Default ${JSON.stringify(schema.default)}`)
  return parts.filter(part => part !== '').join('. ')
}

/** `RunSummary[]`, `"off" | "on"`, `integer, 1 to 1000`, `string | null`. */
export function typeOf(schema: Json, depth = 0): Type {
  const name = refName(schema)
  if (name !== null) return [{ text: name, schema: name }]
  if (depth > MAX_DEPTH) return [{ text: '…' }]
  if (schema.const !== undefined) return [{ text: JSON.stringify(schema.const) }]
  if (Array.isArray(schema.enum))
    return [{ text: schema.enum.map(value => JSON.stringify(value)).join(' | ') }]
  const alternatives = [...list(schema.oneOf), ...list(schema.anyOf)].map(obj)
  // Alternatives that only say which fields go together are no types.
  if (alternatives.length > 0 && schema.type === undefined)
    return between(
      alternatives.map(one => typeOf(one, depth + 1)),
      ' | ',
    )
  if (schema.type === 'array') {
    const items = typeOf(obj(schema.items), depth + 1)
    return items.length === 1 ? [...items, { text: '[]' }] : [{ text: '(' }, ...items, { text: ')[]' }]
  }
  if (schema.type === 'object') {
    const rest = schema.additionalProperties
    const isMap =
      typeof rest === 'object' && rest !== null && Object.keys(obj(schema.properties)).length === 0
    const of = isMap ? typeOf(obj(rest), depth + 1) : []
    return of.length > 0 && of[0]?.text !== 'anything'
      ? [{ text: 'object of ' }, ...of]
      : [{ text: 'object' }]
  }
  const types = Array.isArray(schema.type) ? schema.type.map(String) : [str(schema.type)]
  const text = types.filter(one => one !== '').join(' | ')
  return [{ text: text === '' ? 'anything' : `${text}${limitsOf(schema)}` }]
}

function limitsOf(schema: Json): string {
  const { minimum, maximum, exclusiveMinimum, maxLength, minLength, format } = schema
  const said: string[] = []
  if (typeof format === 'string') said.push(format)
  if (minimum !== undefined && maximum !== undefined) said.push(`${minimum} to ${maximum}`)
  else if (minimum !== undefined) said.push(`at least ${minimum}`)
  else if (maximum !== undefined)
    said.push(
      exclusiveMinimum === undefined ? `at most ${maximum}` : `above ${exclusiveMinimum}, at most ${maximum}`,
    )
  else if (exclusiveMinimum !== undefined) said.push(`above ${exclusiveMinimum}`)
  if (typeof minLength === 'number' && minLength > 0) said.push('not empty')
  if (maxLength !== undefined) said.push(`at most ${maxLength} characters`)
  return said.map(one => `, ${one}`).join('')
}

/** The required fields alone, with a value of their kind. */
function exampleOf(schema: Json, schemas: Json, depth = 0): unknown {
  if (depth > MAX_DEPTH) return null
  const name = refName(schema)
  if (name !== null) return exampleOf(obj(schemas[name]), schemas, depth + 1)
  if (schema.const !== undefined) return schema.const
  if (schema.default !== undefined) return schema.default
  if (Array.isArray(schema.enum)) return schema.enum[0]
  const [alternative] = [...list(schema.oneOf), ...list(schema.anyOf)].map(obj)
  switch (schema.type) {
    case 'object': {
      const properties = obj(schema.properties)
      const required = [...list(schema.required), ...list(alternative?.required)].map(String)
      return Object.fromEntries(
        required
          .filter(one => one in properties)
          .map(one => [one, exampleOf(obj(properties[one]), schemas, depth + 1)]),
      )
    }
    case 'array':
      return [exampleOf(obj(schema.items), schemas, depth + 1)]
    case 'string':
      return '…'
    case 'integer':
    case 'number':
      return typeof schema.minimum === 'number' ? schema.minimum : 1
    case 'boolean':
      return true
    default:
      return alternative === undefined ? null : exampleOf(alternative, schemas, depth + 1)
  }
}

function refName(schema: Json): string | null {
  const { $ref } = schema
  return typeof $ref === 'string' ? ($ref.split('/').at(-1) ?? null) : null
}

const between = (types: Type[], sign: string): Type =>
  types.flatMap((type, i) => (i === 0 ? type : [{ text: sign }, ...type]))

const obj = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {} // any object has such keys
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const str = (value: unknown): string => (typeof value === 'string' ? value : '')
