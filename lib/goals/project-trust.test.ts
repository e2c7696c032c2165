import { describe, expect, it } from 'vitest'
import { trustedSettings } from './project-trust.ts'

const project = {
  goal: 'Make it fast',
  check_command: 'sh bench.sh',
  network: 'on' as const,
  max_cost_usd: 2,
  max_iterations: 500,
  hitl_enabled: false,
  command_policy: { deny: ['docker *'] },
}

describe('settings that nobody has accepted', () => {
  it.each([{}, { goal: '' }, { goal: 'Make it quick, please' }])('wait where they decide: %o', request => {
    expect(trustedSettings(request, project, false)).toEqual({
      settings: project,
      isPending: true,
      leftOut: [],
    })
  })

  it.each([
    { goal: 'pytest' },
    { goal: 'Make it quick, please', check_command: 'make' },
    { check_command: 'make' },
    { goals: ['pytest', 'pyright'] },
  ])('only limit where the request decides: %o', request => {
    expect(trustedSettings(request, project, false)).toEqual({
      settings: { max_cost_usd: 2, command_policy: { deny: ['docker *'] } },
      isPending: false,
      leftOut: ['goal', 'check_command', 'network', 'max_iterations', 'hitl_enabled'],
    })
  })

  it.each([{ goal: 'pytest' }, { goals: ['pytest', 'pyright'], max_cost_usd: 2 }])(
    'need no acceptance when they name checks of ours: %o',
    settings => {
      expect(trustedSettings({}, settings, false)).toEqual({ settings, isPending: false, leftOut: [] })
    },
  )

  it.each([
    { goals: ['pytest', { goal: 'Fast', check_command: 'sh bench.sh' }] },
    { goal: 'pytest', check_command: 'sh bench.sh' },
    { goal: 'api-test', goal_options: { serve: 'sh serve.sh' } },
    { goal: 'shell-goal', check_command: 'make' },
    { goal: 'pytest', protect: 'off' as const },
    { goal: 'pytest', network: 'on' as const },
    { goal: 'Looks better' },
  ])('wait with any command, and with what makes less of a verdict: %o', settings => {
    expect(trustedSettings({}, settings, false)).toMatchObject({ isPending: true })
  })

  it.each([
    [{ gate_policy: 'each' as const }, true],
    [{ gate_policy: { mode: 'flags' as const, timeout_minutes: 5 } }, true],
    [{ gate_policy: 'off' as const }, false],
    [{ gate_policy: { mode: 'each' as const, timeout_minutes: 1, on_timeout: 'approve' as const } }, false],
  ])('may ask for gates, but not for none, nor for such as approve themselves: %o', (settings, counts) => {
    const { settings: taken, leftOut } = trustedSettings({ goal: 'pytest' }, settings, false)
    const { gate_policy: asked } = settings
    // Of one that counts the mode does, and no time.
    const counted = { gate_policy: typeof asked === 'object' ? asked.mode : asked }
    expect([taken, leftOut]).toEqual(counts ? [counted, []] : [{}, ['gate_policy']])
  })

  it('need no acceptance when they only limit', () => {
    const limits = { max_minutes: 5, hitl_enabled: true, confirm: 1 }
    expect(trustedSettings({}, limits, false)).toEqual({ settings: limits, isPending: false, leftOut: [] })
  })
})

it('accepted settings count whole, and none are none', () => {
  expect(trustedSettings({ goal: 'pytest' }, project, true).settings).toBe(project)
  expect(trustedSettings({}, null, false)).toEqual({ settings: null, isPending: false, leftOut: [] })
})
