import { Command } from 'commander'
import { expect, test } from 'vitest'
import { type GateOptions, gateOptions, gatePolicyOf, newGatePolicyOf, withGateMode } from './gate-options.ts'

/** As `run` reads it: a goal, and these options. */
function parsed(...argv: string[]) {
  const command = gateOptions(new Command('run')).argument('[goal]').option('--no-gate').exitOverride()
  command.configureOutput({ writeErr: () => {} })
  command.parse(withGateMode(['run', ...argv]).slice(1), { from: 'user' })
  return { goal: command.args[0], options: command.opts<GateOptions>() }
}

test.each<[string[], unknown]>([
  [[], undefined],
  [['--gate'], 'each'],
  [['--gate', 'flags'], 'flags'],
  [['--gate=off'], 'off'],
  [['--no-gate'], 'off'],
  [['--gate', '--gate-timeout', '90s'], { mode: 'each', timeout_minutes: 1.5, on_timeout: undefined }],
  [
    ['--gate', 'flags', '--gate-timeout', '30m', '--on-gate-timeout', 'approve'],
    { mode: 'flags', timeout_minutes: 30, on_timeout: 'approve' },
  ],
])('%o says when to stop', (argv, policy) => {
  expect(newGatePolicyOf(parsed(...argv).options)).toEqual(policy)
})

test('what follows --gate is the goal unless it is a mode', () => {
  expect(parsed('--gate', 'Fix the build')).toMatchObject({
    goal: 'Fix the build',
    options: { gate: 'each' },
  })
  expect(parsed('--gate', 'flags', 'pytest')).toMatchObject({ goal: 'pytest', options: { gate: 'flags' } })
  expect(withGateMode(['run', '--', '--gate', 'x'])).toEqual(['run', '--', '--gate', 'x'])
  expect(withGateMode(['demo', '--gate'])).toEqual(['demo', '--gate'])
  expect(withGateMode(['--json', 'rerun', 'last', '--gate'])).toEqual([
    '--json',
    'rerun',
    'last',
    '--gate=each',
  ])
})

test('half a policy is refused of a new run, and changes that of one that is started again', () => {
  expect(() => newGatePolicyOf({ gateTimeout: 60_000 })).toThrow('--gate-timeout needs --gate')
  expect(() => newGatePolicyOf({ gate: 'each', onGateTimeout: 'abort' })).toThrow('needs --gate-timeout')
  expect(gatePolicyOf({ gateTimeout: 60_000 })).toMatchObject({ mode: undefined, timeout_minutes: 1 })
})
