// Commands that stay with a run, while its server is killed and started again on the same port.
import { expect, onTestFinished, test } from 'vitest'
import type { RunEvent } from '#lib/contract/event'
import { startCli } from '#lib/testing/cli'
import { bash, patch, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { text, turn } from '#lib/testing/messages-script'
import { openStage } from '#lib/testing/stage'
import { waitFor } from '#lib/testing/wait-for'

const eventsIn = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as RunEvent)

test('run, logs -f and wait go on over a kill of the server, and miss and repeat nothing', async () => {
  const stage = await openStage()
  onTestFinished(() => stage.close())
  const cwd = await stage.project(SHELL_PROJECT, [
    turn([text('This goes well.'), bash('echo one')]),
    turn([bash('sleep 600')]),
    turn([patch('app.txt', 'broken', 'works')]),
    turn([text('app.txt says works now.')]),
  ])
  const env = { RETRAI_SERVER: stage.server.url }
  const run = startCli(['run', SHELL_GOAL.goal, '--cmd', SHELL_GOAL.check_command, '-C', cwd, '--json'], {
    env,
  })
  const runId = await waitFor(
    'the run has begun',
    async () => (await stage.client.list('?limit=1'))[0]?.run_id,
  )
  const logs = startCli(['logs', '-f', '--json', runId], { env })
  const lines = startCli(['logs', '-f', runId], { env })
  const wait = startCli(['wait', runId], { env })
  // Not only asked for by the model, which would have it run after the restart.
  const sleeps = ({ output }: typeof run) => /"kind":"tool_call".*sleep 600/.test(output.stdout)
  await waitFor('both show the command that sleeps', () => sleeps(run) && sleeps(logs))
  await waitFor('the lines have come as far', () => lines.output.stdout.includes('echo one'))
  await waitFor('wait has found the run', () => wait.output.stderr.includes('Waiting for the end of'))

  await stage.server.kill9()
  await waitFor('they say that it is gone', () =>
    [lines, wait].every(({ output }) => output.stderr.includes('The connection was lost')),
  )
  await stage.restart('kill9', { samePort: true })
  const ended = await Promise.all([run, logs, lines, wait].map(cli => cli.ended))
  expect(ended.map(({ code }) => code)).toEqual([0, 0, 0, 0])
  const journal = await stage.client.events(runId)
  expect(eventsIn(ended[0]!.stdout)).toEqual(journal)
  expect(eventsIn(ended[1]!.stdout)).toEqual(journal)
  expect(ended[2]!.stdout.match(/The server had died and was started again/g)).toHaveLength(1)
  expect(ended[3]!.stdout).toMatch(/^achieved/)
})
