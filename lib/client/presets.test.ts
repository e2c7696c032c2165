import { expect, test } from 'vitest'
import { EMPTY_FORM } from './new-run.ts'
import { readPresets, valuesOf, withPreset } from './presets.ts'

const form = {
  ...EMPTY_FORM,
  cwd: '/srv/shop',
  goal: 'pytest',
  model_name: 'haiku',
  max_cost_usd: '2',
  gate: 'flags' as const,
  on_timeout: 'abort' as const,
  gate_timeout: '45',
}

test('a preset keeps how runs are made, not which project and goal', () => {
  const values = valuesOf(form)
  expect(values).toMatchObject({ model_name: 'haiku', max_cost_usd: '2', gate: 'flags', gate_timeout: '45' })
  expect(values).not.toHaveProperty('cwd')
  expect(values).not.toHaveProperty('goal')
  const kept = JSON.stringify(withPreset([], 'cheap', values))
  expect(readPresets(kept, EMPTY_FORM)).toEqual([{ name: 'cheap', values }])
})

test('the same name is the same preset, and none has no name', () => {
  const one = withPreset([], ' cheap ', valuesOf(form))
  const two = withPreset(one, 'cheap', valuesOf(EMPTY_FORM))
  expect(two).toEqual([{ name: 'cheap', values: valuesOf(EMPTY_FORM) }])
  expect(withPreset(two, '  ', valuesOf(form))).toEqual(two)
})

test('what is kept wrongly does no harm', () => {
  for (const text of ['', '{}', '[1, null, {"name": 3}, {"name": "x"}]'])
    expect(readPresets(text, EMPTY_FORM)).toEqual([])
  const [only] = readPresets(
    '[{"name": "old", "values": {"gate": "yes", "max_iterations": "5"}}]',
    EMPTY_FORM,
  )
  expect(only?.values).toEqual({ ...valuesOf(EMPTY_FORM), max_iterations: '5' })
})

test('a preset of when the gate was on or off is still one', () => {
  const kept = (gate: unknown) => JSON.stringify([{ name: 'old', values: { gate } }])
  expect(readPresets(kept(true), EMPTY_FORM)[0]?.values.gate).toBe('each')
  expect(readPresets(kept(false), EMPTY_FORM)[0]?.values.gate).toBe('off')
})
