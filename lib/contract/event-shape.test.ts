import { expect, test } from 'vitest'
import { z } from 'zod'
import { EVENT_KINDS, type RunEvent } from './event.ts'
import { isShaped } from './event-shape.ts'

const at = { run_id: 'r', iteration: 1, seq: 1, ts: 1 }
const WORD: Record<string, unknown> = {
  string: 'x',
  number: 1,
  integer: 1,
  boolean: true,
  array: [],
  object: {},
}

/** The least that a kind's schema asks for. */
function least(schema: z.ZodType): unknown {
  const json = z.toJSONSchema(schema, { unrepresentable: 'any', io: 'output' })
  const required = new Set(json.required ?? [])
  const fields = Object.entries(json.properties ?? {}).filter(([name]) => required.has(name))
  return Object.fromEntries(
    fields.map(([name, value]) => {
      const field = value as { type?: string; enum?: unknown[]; anyOf?: { type?: string }[]; $ref?: string }
      if (field.enum) return [name, field.enum[0]]
      if (field.anyOf?.some(({ type }) => type === 'null')) return [name, null]
      return [name, WORD[field.type ?? 'string']]
    }),
  )
}

test('whatever the schema of a kind takes has its shape', () => {
  for (const { kind, payload } of EVENT_KINDS)
    expect([kind, isShaped({ ...at, kind, payload: least(payload) } as RunEvent)]).toEqual([kind, true])
})

test('what lacks something that a page relies on does not, and unknown kinds are let through', () => {
  for (const payload of [null, 'text', [], {}, { text: 1 }])
    expect(isShaped({ ...at, kind: 'reasoning', payload } as unknown as RunEvent)).toBe(false)
  for (const kind of ['hologram', 'constructor', '__proto__'])
    expect(isShaped({ ...at, kind, payload: null } as unknown as RunEvent)).toBe(true)
})
