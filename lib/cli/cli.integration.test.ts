// The command line against the real server, as scripts use it: stdout, stderr, exit codes.
import { mkdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunEvent } from '#lib/contract/event'
import { type CliOptions, runCli, startCli } from '#lib/testing/cli'
import {
  bash,
  makeProject,
  NODE_PROJECT,
  repairShell,
  repairShellAtSecond,
  SHELL_PROJECT,
} from '#lib/testing/make-project'
import { fault, text, turn } from '#lib/testing/messages-script'
import { startServer } from '#lib/testing/server'
import { openStage, type Stage } from '#lib/testing/stage'
import { waitFor } from '#lib/testing/wait-for'

const CHECK = ['make it work', '--cmd', 'sh check.sh']

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.close())

const options = (extra: CliOptions = {}): CliOptions => ({
  ...extra,
  env: { RETRAI_SERVER: stage.server.url, ...extra.env },
})
const retrai = (...args: string[]) => runCli(args, options())
const start = (...args: string[]) => startCli(args, options())
const newest = async () => (await stage.client.list('?limit=1'))[0]!

/** A run of the command line whose model never answers. */
async function hangingRun(...args: string[]) {
  const cwd = await stage.project(SHELL_PROJECT, [fault.hang()])
  const cli = start('run', ...CHECK, '-C', cwd, ...args)
  await waitFor('the model is asked', () => stage.requests(cwd).length === 1)
  const { run_id: runId } = await newest()
  return { cli, runId }
}

describe('retrai run', () => {
  it('follows the run to its end: progress on stderr, the result on stdout, 0 for achieved', async () => {
    const cwd = await stage.project(SHELL_PROJECT, repairShell)
    const { code, stdout, stderr } = await retrai('run', ...CHECK, '-C', cwd)
    const run = await newest()
    expect(code).toBe(0)
    expect(stdout.split('\n')[0]).toBe(`achieved  ${run.reason}`)
    expect(stdout).toContain(`${run.run_id}  ${stage.server.url}/runs/${run.run_id}`)
    expect(stderr).toContain(`Started: ${stage.server.url}/runs/${run.run_id}`)
    expect(stderr).toMatch(/baseline +.*exit 1/)
    expect(stderr).toMatch(/bash_exec +cat app\.txt → exit 0/)
    expect(stderr).toMatch(/check +.*exit 0/)
    expect(stdout + stderr).not.toContain('\u001b')
  })

  it('with --json, stdout is the journal, one event per line, and stderr is empty', async () => {
    const cwd = await stage.project(SHELL_PROJECT, repairShell)
    const { code, stdout, stderr } = await retrai('run', ...CHECK, '-C', cwd, '--json')
    const events = stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as RunEvent)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(events).toEqual(await stage.client.events((await newest()).run_id))
    expect(events.at(-1)?.kind).toBe('run_end')
  })

  it('sends its options as the request says them', async () => {
    const cwd = await stage.project({ ...SHELL_PROJECT, 'app.txt': 'works\n' })
    const limits = ['-n', '7', '--cost', '2.50', '--time', '1h30m', '--tokens', '200k']
    await retrai(
      'run',
      ...CHECK,
      '-C',
      cwd,
      '-m',
      'claude-sonnet-4-6',
      '--gate',
      '--instructions',
      'Be brief',
      '--protect',
      'report',
      ...limits,
    )
    expect(await stage.client.run((await newest()).run_id)).toMatchObject({
      goal: 'make it work',
      check_command: 'sh check.sh',
      cwd,
      model_name: 'claude-sonnet-4-6',
      hitl_enabled: true,
      instructions: 'Be brief',
      protect: 'report',
      max_iterations: 7,
      max_cost_usd: 2.5,
      max_minutes: 90,
      max_tokens: 200_000,
    })
  })

  it('takes the goal the project speaks for when none is given, and says which', async () => {
    const cwd = await stage.project({
      ...NODE_PROJECT,
      'src/add.mjs': 'export const add = (a, b) => a + b\n',
    })
    const { code, stderr } = await runCli(['run'], options({ cwd }))
    expect(code).toBe(0)
    expect(stderr).toContain('Goal: npm-test (package.json has a test script')
    expect(await newest()).toMatchObject({ goal: 'npm-test', cwd, status: 'achieved', iteration: 0 })
  })

  it('ends with 2, and starts nothing, where nothing says what the goal is', async () => {
    const before = (await stage.client.list()).length
    const cwd = await stage.project({ 'README.md': 'hello\n' })
    const { code, stdout, stderr } = await retrai('run', '-C', cwd)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('says what its goal is')
    expect(await stage.client.list()).toHaveLength(before)
  })

  it('ends with 2 and names the fields when the server refuses the request', async () => {
    const { code, stderr } = await retrai('run', ...CHECK, '-C', '/no/such/folder', '-n', '5000')
    expect(code).toBe(2)
    expect(stderr).toContain('max_iterations: must be 1 to 1000')
    const json = await retrai('run', ...CHECK, '-C', '/no/such/folder', '--json')
    expect(json).toMatchObject({ code: 2, stdout: '' })
    expect(JSON.parse(json.stderr)).toMatchObject({ code: 'invalid', status: 422 })
  })

  it('ends with 3 when a budget is spent', async () => {
    const cwd = await stage.project(SHELL_PROJECT, [turn([text('I cannot.')])])
    const { code, stdout } = await retrai('run', ...CHECK, '-C', cwd, '-n', '1')
    expect(code).toBe(3)
    expect(stdout).toMatch(/^exhausted {2}/)
  })

  it('ends with 10 when the check cannot run at all', async () => {
    const cwd = await stage.project(SHELL_PROJECT)
    const { code, stdout } = await retrai('run', 'x', '--cmd', 'no-such-program-anywhere', '-C', cwd)
    expect(code).toBe(10)
    expect(stdout).toMatch(/^failed {2}.*no-such-program-anywhere/)
  })

  it('ends with 7 when somebody aborts the run', async () => {
    const { cli, runId } = await hangingRun()
    await stage.client.ok('POST', `/api/runs/${runId}/abort`)
    const { code, stdout } = await cli.ended
    expect(code).toBe(7)
    expect(stdout).toMatch(/^aborted {2}/)
  })

  it('ends with 124 at --timeout, and the run goes on', async () => {
    const { cli, runId } = await hangingRun('--timeout', '1s')
    const { code, stderr } = await cli.ended
    expect(code).toBe(124)
    expect(stderr).toContain(`the run goes on. Follow it again: retrai logs -f ${runId.slice(0, 8)}`)
    expect((await stage.client.run(runId)).status).toBe('running')
    await stage.client.ok('POST', `/api/runs/${runId}/abort`)
  })

  it('ends with 130 at Ctrl-C, and the run goes on', async () => {
    const { cli, runId } = await hangingRun()
    cli.child.kill('SIGINT')
    const { code, stderr } = await cli.ended
    expect(code).toBe(130)
    expect(stderr).toContain(`The run goes on. Follow it again: retrai logs -f ${runId.slice(0, 8)}`)
    expect((await stage.client.run(runId)).status).toBe('running')
    await stage.client.ok('POST', `/api/runs/${runId}/abort`)
  })

  it('leaves the run alone with --detach, its id on stdout, and starts one for one --idempotency-key', async () => {
    const cwd = await stage.project(SHELL_PROJECT, [fault.hang()])
    const args = ['run', ...CHECK, '-C', cwd, '--detach', '--idempotency-key', `key-of-${cwd}`]
    const [first, second] = [await retrai(...args), await retrai(...args)]
    const runId = first.stdout.trim()
    expect(first.code).toBe(0)
    expect(second).toMatchObject({ code: 0, stdout: `${runId}\n` })
    await stage.client.until(runId, 'running')
    await stage.client.ok('POST', `/api/runs/${runId}/abort`)
    expect(await retrai('wait', runId)).toMatchObject({ code: 7, stdout: expect.stringMatching(/^aborted/) })
  })
})

describe('a gate without a terminal', () => {
  it('is told with the address of its page, and the run goes on once it is approved', async () => {
    const cwd = await stage.project(SHELL_PROJECT, repairShellAtSecond)
    const cli = start('run', ...CHECK, '-C', cwd, '--gate')
    await waitFor('the gate is told', () => cli.output.stderr.includes('waits for a person: http'))
    const { run_id: runId } = await newest()
    expect(cli.output.stderr).toContain(
      `${stage.server.url}/runs/${runId} (or \`retrai approve ${runId.slice(0, 8)}\`)`,
    )
    const approved = await retrai('approve', runId.slice(0, 8), '--note', 'Write it into app.txt')
    expect(approved).toMatchObject({ code: 0, stdout: expect.stringContaining('approved') })
    expect((await cli.ended).code).toBe(0)
    const [response] = await stage.client.events(runId, '?kind=human_check_response')
    expect(response?.payload).toMatchObject({ decided_by: 'cli', note: 'Write it into app.txt' })
    // The same decision twice is the same record; another one comes too late.
    expect((await retrai('approve', runId)).code).toBe(0)
    expect(await retrai('abort', runId)).toMatchObject({ code: 6, stdout: '' })
  })

  it('ends the command with 8 when asked to, for run and for wait', async () => {
    const cwd = await stage.project(SHELL_PROJECT, repairShellAtSecond)
    expect((await retrai('run', ...CHECK, '-C', cwd, '--gate', '--on-gate', 'exit')).code).toBe(8)
    expect((await retrai('wait', 'last', '--on-gate', 'exit')).code).toBe(8)
    expect((await retrai('wait', 'last', '--timeout', '1s')).code).toBe(124)
    expect((await retrai('abort', 'last', '--reason', 'enough')).code).toBe(0)
    const run = await newest()
    expect(run).toMatchObject({ status: 'aborted', reason: expect.stringContaining('enough') })
  })

  it('is answered with undo, and with all that are to come; half an answer is refused', async () => {
    const cwd = await stage.project(SHELL_PROJECT, repairShellAtSecond)
    const gate = ['--gate', 'each', '--gate-timeout', '1h', '--on-gate-timeout', 'approve']
    expect((await retrai('run', ...CHECK, '-C', cwd, ...gate, '--on-gate', 'exit')).code).toBe(8)
    const { run_id: runId } = await newest()
    const policy = { mode: 'each', timeout_minutes: 60, on_timeout: 'approve' }
    expect(await stage.client.run(runId)).toMatchObject({ gate_policy: policy, hitl_enabled: true })
    expect((await retrai('approve', runId, '--next', '2', '--rest')).code).toBe(2)
    expect((await retrai('approve', runId, '--next', '0')).code).toBe(2)
    const undone = await retrai('approve', runId, '--undo', '--note', 'no notes')
    expect(undone).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('goes on without that iteration'),
    })
    expect((await retrai('wait', runId)).code).toBe(0)
    expect(await stage.client.events(runId, '?kind=human_check_response')).toMatchObject([
      { payload: { decision: 'undo', note: 'no notes', decided_by: 'cli' } },
    ])
    expect((await retrai('run', ...CHECK, '-C', cwd, '--gate-timeout', '1h')).code).toBe(2)
  })

  it('is passed by --on-gate approve', async () => {
    const cwd = await stage.project(SHELL_PROJECT, repairShellAtSecond)
    expect((await retrai('run', ...CHECK, '-C', cwd, '--gate', '--on-gate', 'approve')).code).toBe(0)
  })
})

describe('looking at runs', () => {
  it('ls gives a program one line per run, full ids and values between tabs', async () => {
    const runs = await stage.client.list('?status=achieved')
    const { code, stdout } = await retrai('ls', '--status', 'achieved')
    expect(code).toBe(0)
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map(line => line.split('\t'))
    expect(rows.map(([id, status]) => [id, status])).toEqual(runs.map(run => [run.run_id, 'achieved']))
    expect(JSON.parse((await retrai('ls', '--json', '-L', '3')).stdout)).toEqual(
      await stage.client.list('?limit=3'),
    )
  })

  it('a misspelt filter is refused by the server with 2', async () => {
    expect(await retrai('ls', '--status', 'achived')).toMatchObject({ code: 2, stdout: '' })
  })

  it('show and diff know a run by the beginning of its id', async () => {
    const cwd = await stage.project(SHELL_PROJECT, repairShell)
    await retrai('run', ...CHECK, '-C', cwd)
    const { run_id: runId } = await newest()
    const { stdout } = await retrai('show', runId.slice(0, 10))
    expect(stdout).toContain(`${runId}  ${stage.server.url}/runs/${runId}`)
    expect(stdout).toMatch(/check +sh check\.sh/)
    expect(stdout).toMatch(/1 {2}met/)
    const { stdout: patch } = await retrai('diff', 'last')
    expect(patch).toContain('-broken\n+works')
  })

  it('a run that is not there ends with 5', async () => {
    for (const name of ['550e8400-e29b-41d4-a716-446655440000', '000000', 'lost']) {
      for (const command of ['show', 'logs', 'approve', 'abort', 'wait']) {
        expect([command, name, (await retrai(command, name)).code]).toEqual([command, name, 5])
      }
    }
    expect((await retrai('logs', '-f', '550e8400-e29b-41d4-a716-446655440000')).code).toBe(5)
  }, 60_000)

  it('an ambiguous beginning ends with 2 and lists what it could mean', async () => {
    const cwd = await stage.project({ 'README.md': 'hello\n' })
    // Of 17 ids, two begin with the same digit.
    const shared = await waitFor('two ids begin alike', async () => {
      await stage.client.finish({ goal: 'be true', check_command: 'true', cwd })
      const firsts = (await stage.client.list('?limit=200')).map(run => run.run_id[0]!)
      return firsts.find((first, i) => firsts.indexOf(first) !== i)
    })
    const { code, stderr } = await retrai('show', shared)
    expect(code).toBe(2)
    expect(stderr).toContain(`run ids begin with ${shared}; give more of it`)
  })

  it('logs prints what the run said without obeying it', async () => {
    const nasty = 'before\u001b[2J\u001b]0;owned\u0007\u009b31m\u202eafter'
    const cwd = await stage.project(SHELL_PROJECT, [
      turn([text(nasty), bash("printf '\\033[2Jx'")]),
      turn([text('Enough.')]),
    ])
    await retrai('run', ...CHECK, '-C', cwd, '-n', '1')
    const { stdout } = await retrai('logs', 'last')
    expect(stdout).toContain('beforeafter')
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
    const { stdout: json } = await retrai('logs', 'last', '--json')
    expect(json).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
    const events = json
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as RunEvent)
    expect(events).toEqual(await stage.client.events((await newest()).run_id))
  })

  it('check runs the check once: 3 when it is not met, 0 when it is, 10 when it cannot run', async () => {
    const cwd = await stage.project(SHELL_PROJECT)
    expect(await retrai('check', '-C', cwd, '--cmd', 'sh check.sh')).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/^not met {2}/),
      stderr: expect.stringContaining('app.txt does not say works'),
    })
    expect((await retrai('check', '-C', cwd, '--cmd', 'true')).code).toBe(0)
    expect((await retrai('check', '-C', cwd, '--cmd', 'no-such-program-anywhere')).code).toBe(10)
    expect(stage.requests(cwd)).toEqual([])
  })

  it('goals and models are those of the server', async () => {
    const { stdout } = await retrai('goals')
    expect(stdout).toMatch(/^npm-test\t/m)
    expect(stdout).toMatch(/^perf-check\t.*\tcheck_command\* max_seconds max_ratio runs warmup$/m)
    expect(stdout).toMatch(/^score\t.* \(judged\)\t/m)
    const goals = JSON.parse((await retrai('goals', '--json')).stdout) as { name: string; options: unknown }[]
    expect(goals.find(({ name }) => name === 'docker-build')?.options).toMatchObject({ type: 'object' })
    const models = JSON.parse((await retrai('models', '--json')).stdout) as { name: string }[]
    expect(models.map(({ name }) => name)).toContain('scripted/demo')
  })
})

describe('a run again, and two of them', () => {
  it('rerun starts it as it was or with changes and follows it; compare says what differs', async () => {
    const cwd = await stage.project({ ...SHELL_PROJECT, 'app.txt': 'works\n' })
    const limits = ['-n', '7', '--tokens', '200k', '--instructions', 'Be brief']
    await retrai('run', ...CHECK, '-C', cwd, ...limits)
    const first = await newest()
    const same = await retrai('rerun', first.run_id.slice(0, 10))
    expect(same).toMatchObject({ code: 0, stdout: expect.stringMatching(/^achieved {2}/) })
    const again = await newest()
    expect(again.run_id).not.toBe(first.run_id)
    expect(await stage.client.run(again.run_id)).toMatchObject({
      goal: 'make it work',
      check_command: 'sh check.sh',
      cwd,
      max_iterations: 7,
      max_tokens: 200_000,
      instructions: 'Be brief',
    })
    const changed = [
      'rerun',
      'last',
      '-n',
      '3',
      '--cmd',
      'false',
      '--detach',
      '--idempotency-key',
      `again-${cwd}`,
    ]
    const detached = await retrai(...changed)
    const runId = detached.stdout.trim()
    expect(await retrai(...changed)).toMatchObject({ code: 0, stdout: `${runId}\n` })
    expect(await stage.client.run(runId)).toMatchObject({
      check_command: 'false',
      max_iterations: 3,
      max_tokens: 200_000,
    })
    await stage.client.ok('POST', `/api/runs/${runId}/abort`)

    const { code, stdout } = await retrai('compare', first.run_id, runId)
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map(line => line.split('\t'))
    expect(code).toBe(0)
    expect(rows).toContainEqual(['Status', 'achieved', 'aborted', '≠'])
    expect(rows).toContainEqual(['Checked by', 'sh check.sh', 'false', '≠'])
    expect(rows).toContainEqual(['Goal', 'make it work', 'make it work', ''])
    const json = JSON.parse((await retrai('compare', first.run_id, runId, '--json')).stdout)
    expect(json).toMatchObject({ a: { run: { run_id: first.run_id } }, b: { run: { run_id: runId } } })
    expect(json.differs).toEqual(['check_command', 'max_iterations'])
    expect((await retrai('rerun', '000000')).code).toBe(5)
    expect((await retrai('rerun', first.run_id, '-C', '/no/such/folder')).code).toBe(2)
  })
})

describe('what a run left', () => {
  it('logs, diff, check and export show all of it or a part', async () => {
    const cwd = await stage.project(SHELL_PROJECT, repairShell)
    await retrai('run', ...CHECK, '-C', cwd)
    const { run_id: runId } = await newest()
    const events = await stage.client.events(runId)
    const lines = (text: string) => text.trimEnd().split('\n')

    const exported = await retrai('export', runId, '--format', 'ndjson')
    expect(lines(exported.stdout).map(line => JSON.parse(line) as RunEvent)).toEqual(events)
    const file = path.join(cwd, 'events.ndjson')
    await retrai('export', runId, '-o', file)
    expect(await readFile(file, 'utf8')).toBe(exported.stdout)

    const tail = await retrai('logs', runId, '--json', '--tail', '3')
    expect(lines(tail.stdout).map(line => JSON.parse(line) as RunEvent)).toEqual(events.slice(-3))
    expect(lines((await retrai('logs', runId, '-f', '--tail', '2')).stdout)).toHaveLength(2)
    const bad = await retrai('logs', runId, '--errors', '--raw')
    expect(bad.stdout).toMatch(/baseline +.*exit 1/)
    expect(bad.stdout).toContain('\n    app.txt does not say works\n')
    expect(bad.stdout).not.toContain('bash_exec')

    expect(lines((await retrai('diff', runId, '--iter', '1', '--name-only')).stdout)).toEqual(['app.txt'])
    expect((await retrai('diff', runId, '--stat')).stdout).toMatch(
      /^modified {2}\+1 −1 {2}app\.txt\n\+1 −1 in 1 file\n$/,
    )
    const patch = await retrai('diff', runId, '--patch')
    expect(patch.stdout).toBe((await retrai('export', runId, '--format', 'patch')).stdout)

    const check = await retrai('check', runId.slice(0, 8))
    expect(check).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^met {2}[\s\S]*sh check\.sh · exit 0/),
    })
    const open = await retrai('open', runId)
    expect(open).toMatchObject({ code: 0, stdout: `${stage.server.url}/runs/${runId}\n` })
  })

  it('watch goes through a run to its end, and ls --watch says each change in a line', async () => {
    const cwd = await stage.project(SHELL_PROJECT, [fault.hang()])
    const { run_id: runId } = await stage.client.start({
      goal: 'make it work',
      check_command: 'sh check.sh',
      cwd,
    })
    const [one, all, table] = [
      start('watch', runId, '--json'),
      start('watch', '--json'),
      start('ls', '--watch', '--status', 'running,aborted'),
    ]
    await waitFor('all have seen it', () =>
      [one, all, table].every(({ output }) => output.stdout.includes(runId)),
    )
    await waitFor('the model is asked', () => stage.requests(cwd).length === 1)
    await stage.client.ok('POST', `/api/runs/${runId}/abort`)
    const { code, stdout } = await one.ended
    expect(code).toBe(7)
    const seqs = stdout
      .trimEnd()
      .split('\n')
      .map(line => (JSON.parse(line) as RunEvent).seq)
    expect(seqs).toEqual(seqs.map((_, at) => at + 1))
    await waitFor('the end is in the table', () => table.output.stdout.includes(`${runId}\taborted\t`))
    for (const cli of [all, table]) {
      cli.child.kill('SIGINT')
      expect((await cli.ended).code).toBe(130)
    }
  })
})

describe('the end of a command', () => {
  it('a second Ctrl-C aborts the run', async () => {
    const { cli, runId } = await hangingRun()
    cli.child.kill('SIGINT')
    await waitFor('the first is answered', () =>
      cli.output.stderr.includes('Ctrl-C again within 2 s aborts it'),
    )
    // One that comes at once is taken for the echo that npm makes of the first.
    await waitFor('the second is not', () => {
      const isAborting = cli.output.stderr.includes('Aborting the run.')
      if (!isAborting) cli.child.kill('SIGINT')
      return isAborting
    })
    expect((await cli.ended).code).toBe(130)
    expect(await stage.client.run(runId)).toMatchObject({
      status: 'aborted',
      reason: expect.stringContaining('Ctrl-C'),
    })
  })

  it('is quiet where the reader has gone, as in `| head -1`', async () => {
    const cwd = await stage.project(SHELL_PROJECT, repairShell)
    const cli = start('run', ...CHECK, '-C', cwd, '--json')
    cli.child.stdout?.once('data', () => cli.child.stdout?.destroy())
    const { code, stderr } = await cli.ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it('is 1 where the server fails, with its problem on stderr', async () => {
    const broken = createServer((_, response) => {
      const problem = { title: 'Broken', detail: 'It broke', code: 'internal', request_id: 'r1' }
      response.writeHead(500, { 'content-type': 'application/problem+json' })
      response.end(JSON.stringify({ type: 'about:blank', status: 500, ...problem }))
    })
    await new Promise<void>(resolve => broken.listen(0, '127.0.0.1', resolve))
    const { port } = broken.address() as { port: number }
    const env = { RETRAI_SERVER: `http://127.0.0.1:${port}` }
    expect(await runCli(['ls'], { env })).toEqual({ code: 1, stdout: '', stderr: 'retrai: It broke\n' })
    const json = await runCli(['ls', '--json'], { env })
    expect(json).toMatchObject({ code: 1, stdout: '' })
    expect(JSON.parse(json.stderr)).toMatchObject({ code: 'internal', status: 500, request_id: 'r1' })
    broken.closeAllConnections()
    await new Promise(resolve => broken.close(resolve))
    expect((await runCli(['ls'], { env })).code).toBe(9)
  })
})

describe('the connection', () => {
  it('a run is followed across a restart of the server, every event once', async () => {
    const cwd = await stage.project(SHELL_PROJECT, request =>
      request.assistantMessages === 0 && stage.requests(cwd).length === 1
        ? fault.hang()
        : (repairShell[request.assistantMessages] ?? turn([text('Done.')])),
    )
    const cli = start('run', ...CHECK, '-C', cwd, '--json')
    await waitFor('the model is asked', () => stage.requests(cwd).length === 1)
    await stage.restart('kill9', { samePort: true })
    const { code, stdout } = await cli.ended
    const events = stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as RunEvent)
    expect(code).toBe(0)
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1))
    expect(events.map(({ kind }) => kind)).toContain('recovered')
  })

  it('a server with a token answers who has it, and 4 to others', async () => {
    const token = 'a-token-of-sixteen-or-more'
    const server = await startServer({ env: { RETRAI_TOKEN: token } })
    try {
      const env = { RETRAI_SERVER: server.url }
      expect((await runCli(['ls'], { env })).code).toBe(4)
      expect((await runCli(['ls', '--token', 'wrong-token-of-nobody'], { env })).code).toBe(4)
      expect((await runCli(['ls', '--token', token], { env })).code).toBe(0)
      expect((await runCli(['ls'], { env: { ...env, RETRAI_TOKEN: token } })).code).toBe(0)
      const project = await makeProject({ ...SHELL_PROJECT, 'app.txt': 'works\n' })
      const run = await runCli(['run', ...CHECK, '-C', project.path, '--token', token], { env })
      expect(run.code).toBe(0)
      await project.remove()
    } finally {
      await server.close()
    }
  })

  it('a folder below the project can be given relative to where the command runs', async () => {
    const cwd = await stage.project({
      'inner/app.txt': 'works\n',
      'inner/check.sh': SHELL_PROJECT['check.sh'],
    })
    await mkdir(path.join(cwd, 'other'))
    const { code } = await runCli(
      ['run', ...CHECK, '-C', '../inner'],
      options({ cwd: path.join(cwd, 'other') }),
    )
    expect(code).toBe(0)
    expect((await newest()).cwd).toBe(path.join(cwd, 'inner'))
  })
})
