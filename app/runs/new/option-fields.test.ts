import { expect, test } from 'vitest'
import { z } from 'zod'
import { optionFields } from './option-fields.ts'

const schema = z.strictObject({
  target: z.number().min(1).default(80).describe('Points needed'),
  rubric: z.union([z.string(), z.array(z.string())]),
  files: z.array(z.string()).default([]),
  quick: z.boolean().default(false),
  method: z.enum(['median', 'mean']).optional(),
  requests: z.array(z.object({ path: z.string() })).default([]),
})

test('each setting is the plainest field that can hold it, and JSON where none can', () => {
  const fields = optionFields({ ...z.toJSONSchema(schema, { io: 'input' }) })
  expect(fields.map(({ name, kind, isRequired }) => [name, kind, isRequired])).toEqual([
    ['target', 'number', false],
    ['rubric', 'text', true],
    ['files', 'lines', false],
    ['quick', 'boolean', false],
    ['method', 'choice', false],
    ['requests', 'json', false],
  ])
  expect(fields[0]).toMatchObject({ about: 'Points needed', fallback: 80 })
  expect(fields[4]?.choices).toEqual(['median', 'mean'])
})

test('a schema without properties has no fields', () => {
  expect(optionFields({})).toEqual([])
  expect(optionFields({ properties: 'what is this' })).toEqual([])
})
