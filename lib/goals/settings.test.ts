import { expect, test } from 'vitest'
import { z } from 'zod'
import { goals } from './registry.ts'

const Described = z.object({
  additionalProperties: z.literal(false),
  properties: z.record(z.string(), z.object({ description: z.string().min(10) })),
})

test('every option of every goal is described, and unknown ones are refused', () => {
  const withSettings = goals.filter(goal => goal.settings)
  expect(withSettings.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['perf-check', 'sql-benchmark', 'api-test', 'docker-build']),
  )
  for (const { name, settings } of withSettings) {
    const schema = z.toJSONSchema(settings!, { io: 'input', unrepresentable: 'any' })
    expect(Described.safeParse(schema).error, name).toBeUndefined()
  }
})
