// Holds what a server answers against the document it publishes, strictly: a field the document does not name is a fault too.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { RunEvent } from '#lib/contract/event'

type Json = Record<string, unknown>

export interface Contract {
  document: Json
  /** Throws with what is wrong when an answer is not what the document says. Paths it does not know must be problems. */
  check(
    method: string,
    path: string,
    answer: { status: number; headers: Headers; text: string; json: unknown },
  ): void
  checkEvent(event: RunEvent): void
  /** How many answers were checked, by operation and status. */
  seen: Map<string, number>
}

const DOCUMENT = 'openapi.json'

export async function loadContract(url: string, headers: Record<string, string> = {}): Promise<Contract> {
  const response = await fetch(`${url}/api/openapi.json`, { headers })
  if (response.status !== 200) throw new Error(`GET /api/openapi.json answered ${response.status}`)
  return contractOf((await response.json()) as Json) // held against the rules by its own test
}

export function contractOf(document: Json): Contract {
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true })
  addFormats.default(ajv)
  ajv.addVocabulary(['discriminator']) // OpenAPI's own word inside a schema
  const { schemas } = document.components as { schemas: Json }
  ajv.addSchema({ $id: DOCUMENT, $defs: absolute(closed(schemas)) })
  const compiled = new Map<string, ValidateFunction>()
  const seen = new Map<string, number>()

  function validator(schema: unknown): ValidateFunction {
    const key = JSON.stringify(schema)
    let found = compiled.get(key)
    if (!found) {
      found = ajv.compile(absolute(closed(schema)) as Json)
      compiled.set(key, found)
    }
    return found
  }

  function hold(what: string, schema: unknown, value: unknown) {
    const validate = validator(schema)
    if (!validate(value)) {
      const text = JSON.stringify(value)?.slice(0, 1500)
      throw new Error(`${what} is not what openapi.json says: ${ajv.errorsText(validate.errors)}\n${text}`)
    }
  }

  return {
    document,
    seen,
    check(method, path, answer) {
      const pathname = path.split('?')[0] ?? path
      const operation = operationOf(document, method, pathname)
      const key = `${operation ? String(operation.operationId) : 'unknown'} ${answer.status}`
      seen.set(key, (seen.get(key) ?? 0) + 1)
      if (answer.status === 304 || answer.status === 204) return
      const type = (answer.headers.get('content-type') ?? '').split(';')[0]!.trim()
      if (!operation) {
        if (pathname.startsWith('/api/') && answer.status >= 400)
          hold(`${method} ${path} ${answer.status}`, { $ref: '#/components/schemas/Problem' }, answer.json)
        return
      }
      const responses = operation.responses as Json
      const described = responses[String(answer.status)] as { content?: Record<string, { schema: unknown }> }
      if (!described) {
        throw new Error(
          `${method} ${path} answered ${answer.status}, which openapi.json does not name: ${answer.text}`,
        )
      }
      const content = described.content?.[type]
      if (!content) {
        throw new Error(`${method} ${path} ${answer.status} is ${type}, which openapi.json does not name`)
      }
      if (/[/+]json$/.test(type)) hold(`${method} ${path} ${answer.status}`, content.schema, answer.json)
    },
    checkEvent(event) {
      hold(`event ${event.seq} (${event.kind})`, { $ref: '#/components/schemas/RunEvent' }, event)
    },
  }
}

function operationOf(document: Json, method: string, pathname: string): Json | null {
  const paths = document.paths as Record<string, Record<string, Json>>
  for (const [template, operations] of Object.entries(paths)) {
    const pattern = new RegExp(`^${template.replaceAll('.', '\\.').replace(/\{[^}]+\}/g, '[^/]+')}$`)
    if (pattern.test(pathname)) return operations[method.toLowerCase()] ?? null
  }
  return null
}

/** Objects that list their properties take no others, so that nothing undeclared goes unnoticed. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed)
  if (typeof value !== 'object' || value === null) return value
  const schema = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, closed(item)]))
  const isOpen = schema.type === 'object' && 'properties' in schema && !('additionalProperties' in schema)
  return isOpen ? { ...schema, additionalProperties: false } : schema
}

/** References of the document, as a schema that stands alone writes them. */
function absolute(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(absolute)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === '$ref' && typeof item === 'string'
        ? item.replace('#/components/schemas/', `${DOCUMENT}#/$defs/`)
        : absolute(item),
    ]),
  )
}
