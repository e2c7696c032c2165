import { expect, test } from 'vitest'
import { parseProjectConfig } from '../goals/project-config.ts'
import { asProjectFile } from './project-settings.ts'

test.each([
  { goal: 'pytest', max_iterations: 8, max_cost_usd: 2, hitl_enabled: true },
  { goals: ['pytest', { goal: 'shell-goal', check_command: 'sh "a b".sh # no comment' }] },
  { goal: 'null', instructions: 'yes: no\n- [a] {b}\t"c" \\ é ∑ #x', check_command: "it's: here" },
  { goal: 'on', protect: ['!**/__snapshots__/**', 'tests/*'], network: 'on' as const },
  { goal: '12', success_condition: { exit_code: 'any' as const, output_contains: '*anchor & <<' } },
  {
    goal: 'shell-goal',
    goal_options: { limit: 3, words: ['a', 'b: c'] },
    protect: 'off' as const,
    confirm: 1,
  },
])('%j reads back from the file as it was', body => {
  const { network: _, ...rest } = parseProjectConfig(
    asProjectFile({ ...body, cwd: '/srv/shop', priority: 3 }),
  )
  const { network: __, ...wanted } = body as typeof body & { network?: string }
  expect(rest).toEqual(wanted)
})

test('a goal that is left to the project needs no file', () => {
  expect(parseProjectConfig(asProjectFile({ goal: '', cwd: '/srv' }))).toEqual({})
})

test('plain words stay plain', () => {
  expect(asProjectFile({ goal: 'pytest', check_command: 'npm run test' })).toBe(
    'goal: pytest\ncheck_command: npm run test\n',
  )
})
