import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCheck } from './check-goal.ts'
import { createProjects, type Projects } from './check-project.ts'
import { resolveGoal } from './resolve-goal.ts'

let projects: Projects
beforeAll(async () => {
  projects = await createProjects()
})
afterAll(() => projects.close())

test('a goal that throws is a broken check', async () => {
  const { goal, options } = resolveGoal('shell-goal', { checkCommand: 'true' })
  const throwing = {
    ...goal,
    check: async () => {
      throw new Error('no memory left')
    },
  }
  const workspace = await projects.make({})
  const signal = new AbortController().signal
  expect(await runCheck({ goal: throwing, options, workspace, signal })).toMatchObject({
    achieved: false,
    broken: true,
    reason: 'The check could not be carried out: no memory left',
    command: 'true',
  })
})

test('an aborted check rejects, and what it started is gone', async () => {
  const controller = new AbortController()
  const workspace = await projects.make({})
  const check = projects.check(workspace, 'shell-goal', {
    checkCommand: 'echo $$ > pid; echo started; sleep 1000',
    signal: controller.signal,
    onOutput: () => controller.abort(new Error('the user left')),
  })
  await expect(check).rejects.toThrow('the user left')
  const { output } = await workspace.run({
    command: 'kill -0 "$(cat pid)" 2>/dev/null && echo alive || echo gone',
    timeoutMs: 10_000,
  })
  expect(output).toBe('gone\n')
})

test('a check that was aborted before does not start', async () => {
  const signal = AbortSignal.abort(new Error('too late'))
  await expect(projects.check({}, 'shell-goal', { checkCommand: 'true', signal })).rejects.toThrow('too late')
})
