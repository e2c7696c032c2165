// What the command line says of runs that do not work at the moment: in line for a slot, or paused.
import { expect, onTestFinished, test } from 'vitest'
import { runCli } from '#lib/testing/cli'
import { bash, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { fault, turn } from '#lib/testing/messages-script'
import { openStage, type Script } from '#lib/testing/stage'

async function open(env: Record<string, string>) {
  const stage = await openStage({ env })
  onTestFinished(() => stage.close())
  const retrai = (...args: string[]) => runCli(args, { env: { RETRAI_SERVER: stage.server.url } })
  const start = async (script: Script) => {
    const cwd = await stage.project(SHELL_PROJECT, script)
    return (await stage.client.start({ ...SHELL_GOAL, cwd })).run_id
  }
  return { stage, retrai, start }
}

const sleeps: Script = [turn([bash('sleep 600')])]

test('ls and show say where a queued run stands and why, and --priority puts one ahead', async () => {
  const { stage, retrai, start } = await open({ RETRAI_MAX_PARALLEL: '1' })
  const running = await start(sleeps)
  const queued = await start(sleeps)
  const cwd = await stage.project(SHELL_PROJECT, sleeps)
  const check = ['--cmd', SHELL_GOAL.check_command]
  const first = await retrai('run', SHELL_GOAL.goal, ...check, '-C', cwd, '--priority', '5', '--detach')
  const urgent = first.stdout.trim()

  const { stdout } = await retrai('ls')
  const whyOf = (runId: string) =>
    stdout
      .split('\n')
      .find(line => line.startsWith(runId))
      ?.split('\t')
      .at(-1)
  expect(whyOf(running)).toBe('')
  expect(whyOf(urgent)).toBe('Next in line: the only slot is taken (priority +5)')
  expect(whyOf(queued)).toBe('Number 2 in line: the only slot is taken')
  expect((await retrai('show', queued)).stdout).toMatch(
    /^queued {2}Number 2 in line: the only slot is taken$/m,
  )
  const shown = (await retrai('show', urgent)).stdout
  expect(shown).toMatch(/^queued {2}Next in line/)
  expect(shown).toMatch(/^ +priority +5$/m)
})

test('a negative priority is a value and no option; one out of range is refused by its name', async () => {
  const { stage, retrai } = await open({})
  const cwd = await stage.project(SHELL_PROJECT, sleeps)
  const run = ['run', SHELL_GOAL.goal, '--cmd', SHELL_GOAL.check_command, '-C', cwd, '--detach', '--priority']
  const { code, stdout } = await retrai(...run, '-5')
  expect(code).toBe(0)
  expect((await stage.client.run(stdout.trim())).priority).toBe(-5)
  const refused = await retrai(...run, '101')
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('priority: must be -100 to 100') })
  expect(await retrai(...run, 'high')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('whole number'),
  })
})

test('ls and show say why a run is paused and when it tries again, and approve resumes it', async () => {
  const { stage, retrai, start } = await open({ RETRAI_MODEL_PATIENCE_SECONDS: '0' })
  const runId = await start(() => fault.status(529))
  await stage.client.until(runId, 'paused')
  expect((await retrai('ls')).stdout).toMatch(/\tThe model could not be reached .*529/)
  const { stdout } = await retrai('show', runId)
  expect(stdout).toMatch(/^paused {2}The model could not be reached .*529/)
  expect(stdout).toMatch(
    /^ +paused +The model does not answer\. It tries again at \d\d:\d\d:\d\d · `retrai approve \w{8}` resumes it now$/m,
  )
  expect(await retrai('approve', runId)).toMatchObject({ code: 0 })
  const [resumed] = await stage.client.events(runId, '?kind=resumed')
  expect(resumed?.payload).toMatchObject({ by: 'cli' })
})
