import { expect, test } from 'vitest'
import { isAppError } from '../errors.ts'
import { resolveGoal, resolveGoals } from './resolve-goal.ts'

function problemOf(action: () => unknown) {
  try {
    action()
  } catch (error) {
    if (isAppError(error))
      return { code: error.code, message: error.message, pointer: error.fields?.[0]?.pointer }
    throw error
  }
  throw new Error('It was accepted')
}

test('a registered name is that goal, with ten minutes for its check', () => {
  const { goal, options } = resolveGoal('pytest')
  expect(goal.name).toBe('pytest')
  expect(options).toEqual({
    text: 'pytest',
    checkCommand: null,
    successCondition: null,
    timeoutMs: 600_000,
    settings: {},
  })
})

test('a registered name with a command keeps its name and runs the command', () => {
  const { goal, options } = resolveGoal('pytest', { checkCommand: 'pytest -q tests/unit' })
  expect(goal.name).toBe('pytest')
  expect(options.checkCommand).toBe('pytest -q tests/unit')
})

test('any other text with a command is judged by the command', () => {
  const { goal, options } = resolveGoal('Make the parser ten times faster', { checkCommand: 'sh bench.sh' })
  expect(goal.name).toBe('shell-goal')
  expect(options.text).toBe('Make the parser ten times faster')
})

test.each([
  ['npm test', 'npm-test'],
  ['npm_test', 'npm-test'],
  ['NPM-TEST', 'npm-test'],
  ['make test', 'make-test'],
  ['Pytest', 'pytest'],
  ['py-test', 'pytest'],
  ['shellgoal', 'shell-goal'],
])('%s gets the hint that %s is meant', (text, meant) => {
  const problem = problemOf(() => resolveGoal(text))
  expect(problem).toMatchObject({ code: 'invalid', pointer: '/goal' })
  expect(problem.message).toContain(`did you mean ${meant}?`)
})

test('a word that is no goal names the goals there are and the way out', () => {
  const { message, pointer } = problemOf(() => resolveGoal('excellence'))
  expect(pointer).toBe('/goal')
  for (const word of ['pytest', 'npm-test', 'make-test', 'shell-goal', 'check_command'])
    expect(message).toContain(word)
  expect(message).not.toContain('did you mean')
})

test('a sentence without a command is judged by a model', () => {
  const { goal } = resolveGoal('Please make everything nice and shiny')
  expect(goal).toMatchObject({ name: 'judged', isJudged: true })
})

test('several goals are one that holds when all do', () => {
  const { goal, options } = resolveGoals([{ goal: 'pytest' }, { goal: 'Be quick', check_command: 'sh t.sh' }])
  expect(goal.name).toBe('pytest + shell-goal')
  expect(options.text).toBe('pytest + Be quick')
})

test('options that a goal does not have are refused', () => {
  expect(problemOf(() => resolveGoal('pytest', { settings: { runs: 5 } }))).toMatchObject({
    code: 'invalid',
    pointer: '/goal_options/runs',
  })
})

test('shell-goal needs a command', () => {
  expect(problemOf(() => resolveGoal('shell-goal'))).toMatchObject({
    code: 'invalid',
    pointer: '/check_command',
  })
})

test('a pattern that is none is refused before anything is run', () => {
  const action = () => resolveGoal('pytest', { successCondition: { output_regex: '(' } })
  expect(problemOf(action)).toMatchObject({ code: 'invalid', pointer: '/success_condition/output_regex' })
})

test("the request goes before the project's settings, and those before the defaults", () => {
  const projectConfig = { check_command: 'sh check.sh', check_timeout_seconds: 30 }
  expect(resolveGoal('Do it', { projectConfig }).options).toMatchObject({
    checkCommand: 'sh check.sh',
    timeoutMs: 30_000,
  })
  const given = resolveGoal('Do it', { projectConfig, checkCommand: 'true', timeoutSeconds: 5 })
  expect(given.options).toMatchObject({ checkCommand: 'true', timeoutMs: 5000, settings: {} })
})

test("the project's command for one goal is not used for another", () => {
  const projectConfig = { goal: 'pytest', check_command: 'pytest -q tests/unit' }
  expect(resolveGoal('pytest', { projectConfig }).options.checkCommand).toBe('pytest -q tests/unit')
  expect(resolveGoal('npm-test', { projectConfig }).options.checkCommand).toBeNull()
})

test('a script of package.json that decides is kept as it was', () => {
  const { goal } = resolveGoal('shell-goal', { checkCommand: 'npm run unit' })
  expect(goal.protectKeys).toContainEqual({ file: 'package.json', path: ['scripts', 'unit'] })
})
