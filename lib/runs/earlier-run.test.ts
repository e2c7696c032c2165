// Going on where a run stopped: as another run, which knows what was tried and is held against the start of the first.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bash, patch, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { type Answer, text, turn } from '#lib/testing/messages-script'
import { startScripts, startTempRuntime } from '#lib/testing/temp-runtime'

let models: Awaited<ReturnType<typeof startScripts>>
beforeAll(async () => {
  models = await startScripts()
})
afterAll(() => models.close())

/** The first run cheats and looks; whoever goes on repairs. */
const FIRST: Answer[] = [
  turn([bash('echo "exit 0" > check.sh; echo half > half.txt')]),
  turn([text('I have begun with half.txt.')]),
]
const THEN: Answer[] = [turn([patch('app.txt', 'broken', 'works')]), turn([text('Repaired.')])]

async function exhausted(then: Answer[] = THEN) {
  const runtime = await startTempRuntime({ models: models.server })
  const cwd = models.project(({ firstUserText, assistantMessages }) => {
    const script = firstUserText.includes('<earlier_run>') ? then : FIRST
    return script[assistantMessages] ?? turn([text('Nothing more.')])
  }, SHELL_PROJECT)
  const { run_id: runId } = await runtime.start({
    ...SHELL_GOAL,
    cwd,
    max_iterations: 1,
    protect: ['check.sh'],
  })
  await runtime.untilStatus(runId, 'exhausted')
  const goOn = (changes: Parameters<typeof runtime.runs.rerun>[1] = {}, key?: string) =>
    runtime.runs.rerun(runId, { continue: true, ...changes }, { caller: 'api', idempotencyKey: key })
  return { runtime, cwd, runId, goOn }
}

describe('a run that goes on where another stopped', () => {
  it('begins in the directory as it is, knows what was tried, and has budgets of its own', async () => {
    const { runtime, cwd, runId, goOn } = await exhausted()
    const before = await runtime.events(runId)
    const { run_id: next } = await goOn({ max_iterations: 3 })
    await runtime.untilStatus(next, 'achieved')
    const run = await runtime.runs.get(next)
    expect(run).toMatchObject({
      continues: runId,
      max_iterations: 3,
      iteration: 1,
      goal: SHELL_GOAL.goal,
      cwd,
    })
    const told = models
      .requestsOf(cwd)
      .findLast(({ assistantMessages }) => assistantMessages === 0)?.firstUserText
    expect(told).toContain('- Attempt 1: I have begun with half.txt. Changed: check.sh, half.txt.')
    expect(told).toContain('Stopped because its 1 iteration is spent')
    // What has ended stays ended.
    expect(await runtime.events(runId)).toEqual(before)
    expect(before.filter(({ kind }) => kind === 'run_end')).toHaveLength(1)
  })

  it('is held against the tests of the start, and its changes are counted from there', async () => {
    const { runtime, cwd, runId, goOn } = await exhausted([turn([text('It is green, is it not?')])])
    const { run_id: next } = await goOn()
    await runtime.untilStatus(next, 'exhausted')
    expect(readFileSync(path.join(cwd, 'check.sh'), 'utf8')).toBe('exit 0\n')
    const checks = (await runtime.events(next)).flatMap(event =>
      event.kind === 'goal_check' ? [event.payload] : [],
    )
    for (const { achieved, output } of checks)
      expect([achieved, output]).toEqual([false, expect.stringContaining('app.txt does not say works')])
    const total = await runtime.runs.diff(next, {})
    expect(total?.stat.by_file.map(file => file.path)).toEqual(['check.sh', 'half.txt'])
    expect((await runtime.runs.diff(next, { iteration: 1 }))?.patch).toBe('')
    const [start, again] = await Promise.all(
      [runId, next].map(
        async id => (await runtime.events(id)).find(({ kind }) => kind === 'run_start')?.payload,
      ),
    )
    expect(again).toMatchObject({ base: (start as { base: string }).base, continues: runId })
  })

  it('and a run that goes on from that one know all that was tried', async () => {
    const { runtime, cwd, goOn } = await exhausted([turn([text('A second look.')])])
    const { run_id: second } = await goOn()
    await runtime.untilStatus(second, 'exhausted')
    const { run_id: third } = await runtime.runs.rerun(second, { continue: true }, { caller: 'api' })
    await runtime.untilStatus(third, 'exhausted')
    const told = models
      .requestsOf(cwd)
      .findLast(({ assistantMessages }) => assistantMessages === 0)?.firstUserText
    expect(told).toContain('I have begun with half.txt.')
    expect(told).toContain('A second look.')
  })

  it('is one run for one key, and another than the run that only begins again', async () => {
    const { runtime, runId, goOn } = await exhausted()
    const first = await goOn({}, 'key')
    expect(await goOn({}, 'key')).toMatchObject({ run_id: first.run_id, replayed: true })
    await expect(
      runtime.runs.rerun(runId, {}, { caller: 'api', idempotencyKey: 'key' }),
    ).rejects.toMatchObject({
      code: 'idempotency_mismatch',
    })
    await runtime.untilStatus(first.run_id, 'achieved')
  })

  it('is refused where there is nothing to go on with, or where it would be another goal', async () => {
    const { runtime, goOn } = await exhausted()
    for (const changes of [{ goal: 'pytest' }, { check_command: 'true' }, { cwd: '/' }])
      await expect(goOn(changes)).rejects.toMatchObject({
        code: 'invalid',
        fields: [expect.objectContaining({ pointer: `/${Object.keys(changes)[0]}` })],
      })
    const { run_id: next } = await goOn({ hitl_enabled: true })
    await runtime.untilStatus(next, 'achieved', 'waiting')
    await runtime.untilStatus(next, 'achieved')
    const again = runtime.runs.rerun(next, { continue: true }, { caller: 'api' })
    await expect(again).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('has met its goal'),
    })
  })
})
