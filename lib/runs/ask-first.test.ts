// What is asked before it is run: commands of the agent, and settings that came with a project. On the whole server without HTTP.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EventOf } from '#lib/contract/event'
import { text, toolUse, turn } from '#lib/testing/messages-script'
import { tempFolder } from '#lib/testing/temp-folder'
import { startScripts, startTempRuntime } from '#lib/testing/temp-runtime'

let models: Awaited<ReturnType<typeof startScripts>>
beforeAll(async () => {
  models = await startScripts()
})
afterAll(() => models.close())

const GOAL = { goal: 'it is done', check_command: 'test -f done', max_iterations: 1 }
const git = (cwd: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
    cwd,
    encoding: 'utf8',
  })

/** A project with a commit and a place to push it to. */
function pushable(command: string) {
  const remote = tempFolder('remote')
  git(remote, 'init', '-q', '--bare')
  const cwd = models.project(
    [
      turn([toolUse('bash_exec', { command }), toolUse('bash_exec', { command: 'touch done' })]),
      turn([text('Done.')]),
    ],
    { 'a.txt': 'a' },
  )
  git(cwd, 'init', '-q', '-b', 'main')
  git(cwd, 'add', '.')
  git(cwd, 'commit', '-qm', 'first')
  git(cwd, 'remote', 'add', 'origin', remote)
  const pushed = () => git(remote, 'branch', '--list').includes('main')
  return { cwd, pushed }
}

describe('a command that is asked about', () => {
  it('waits over a restart, stands in the list of gates, and is run when it is approved', async () => {
    const { cwd, pushed } = pushable('git push -q origin main && echo pushed >> log')
    const first = await startTempRuntime({ models: models.server })
    const { run_id } = await first.start({ ...GOAL, cwd })
    const { gate } = await first.untilStatus(run_id, 'waiting')
    expect(gate?.kind).toBe('command')
    await first.close()

    const server = await startTempRuntime({ models: models.server, dataDir: first.dataDir })
    const [open] = await server.runs.gates({ status: 'open' })
    expect(open).toMatchObject({
      run_id,
      kind: 'command',
      command: { command: 'git push -q origin main && echo pushed >> log', rule: 'git-push' },
    })
    expect(pushed()).toBe(false)
    const approved = await server.runs.resume(run_id, { decision: 'approve', gate_id: open!.gate_id }, 'cli')
    expect(approved).toMatchObject({ decision: 'approve', decided_by: 'cli' })
    await expect(
      server.runs.resume(run_id, { decision: 'deny', gate_id: open!.gate_id }, 'api'),
    ).rejects.toMatchObject({ code: 'gate_decided', message: expect.stringContaining('approved by cli') })
    await server.untilStatus(run_id, 'achieved')
    expect(pushed()).toBe(true)
    expect(readFileSync(path.join(cwd, 'log'), 'utf8')).toBe('pushed\n')
  })

  it('is not run when it is denied, and the run goes on', async () => {
    const { cwd, pushed } = pushable('git push origin main')
    const server = await startTempRuntime({ models: models.server })
    const { run_id } = await server.start({ ...GOAL, cwd })
    await server.untilStatus(run_id, 'waiting')
    await server.runs.resume(run_id, { decision: 'deny', note: 'not on Fridays' }, 'dashboard')
    await server.untilStatus(run_id, 'achieved')
    expect(pushed()).toBe(false)
    expect((await server.runs.gates({ status: 'decided' }))[0]).toMatchObject({
      decision: 'deny',
      note: 'not on Fridays',
    })
  })

  it('ends with the run that is aborted', async () => {
    const { cwd, pushed } = pushable('git push origin main')
    const server = await startTempRuntime({ models: models.server })
    const { run_id } = await server.start({ ...GOAL, cwd })
    await server.untilStatus(run_id, 'waiting')
    await server.runs.resume(run_id, { decision: 'abort' }, 'cli')
    expect((await server.runs.get(run_id)).status).toBe('aborted')
    expect(pushed()).toBe(false)
  })

  it('is refused at once, or let through, where the request says so', async () => {
    const server = await startTempRuntime({ models: models.server })
    for (const [command_policy, expected] of [
      [{ on_ask: 'deny' as const }, false],
      [{ allow: ['git push'] }, true],
      [{ allow: ['git push'], deny: ['git'] }, false],
    ] as const) {
      const { cwd, pushed } = pushable('git push origin main')
      const { run_id } = await server.start({
        ...GOAL,
        cwd,
        command_policy: structuredClone(command_policy) as { allow?: string[]; deny?: string[] },
      })
      await server.untilStatus(run_id, 'achieved')
      expect(pushed()).toBe(expected)
    }
  })

  it('deny means nothing at other gates', async () => {
    const cwd = models.project([turn([text('Nothing.')])])
    const server = await startTempRuntime({ models: models.server })
    const { run_id } = await server.start({ ...GOAL, cwd, max_iterations: 2, hitl_enabled: true })
    await server.untilStatus(run_id, 'waiting')
    await expect(server.runs.resume(run_id, { decision: 'deny' }, 'api')).rejects.toMatchObject({
      code: 'invalid',
    })
    expect((await server.runs.get(run_id)).status).toBe('waiting')
  })
})

describe('settings of a project', () => {
  const marked = () => {
    const marker = path.join(tempFolder('outside'), 'marker')
    const settings = `goal: It is there\ncheck_command: echo ran >> ${marker}; test -f done\nmax_iterations: 1\n`
    const script = [turn([toolUse('bash_exec', { command: 'touch done' })]), turn([text('Done.')])]
    const cwd = models.project(script, { '.retrai.yml': settings })
    return { marker, cwd, file: path.join(cwd, '.retrai.yml'), settings }
  }

  it('that nobody has accepted run nothing before a person has, also after a restart, and then as they were shown', async () => {
    const { marker, cwd, file, settings } = marked()
    const first = await startTempRuntime({ models: models.server })
    const { run_id } = await first.start({ goal: '', cwd })
    await first.untilStatus(run_id, 'waiting')
    await first.close()
    const server = await startTempRuntime({ models: models.server, dataDir: first.dataDir })
    const [gate] = await server.runs.gates({ status: 'open' })
    expect(gate).toMatchObject({
      kind: 'config',
      config: { text: settings, goals: [{ goal: 'It is there' }] },
    })
    expect(existsSync(marker)).toBe(false)

    // What is there by now was shown to nobody.
    const other = path.join(path.dirname(marker), 'other')
    writeFileSync(file, `goal: It is there\ncheck_command: touch ${other}\n`)
    await server.runs.resume(run_id, { decision: 'approve' }, 'dashboard')
    await server.untilStatus(run_id, 'achieved')
    expect([existsSync(marker), existsSync(other)]).toEqual([true, false])

    const again = await server.start({ goal: '', cwd })
    expect((await server.untilStatus(again.run_id, 'waiting')).gate?.kind).toBe('config')
    await server.runs.resume(again.run_id, { decision: 'abort' }, 'dashboard')
    expect(existsSync(other)).toBe(false)

    writeFileSync(file, settings)
    const known = await server.start({ goal: '', cwd })
    await server.untilStatus(known.run_id, 'achieved')
    expect(readFileSync(marker, 'utf8').split('\n').length).toBeGreaterThan(2)
  })

  it('are accepted by a request, whole or by their hash, and another hash is refused', async () => {
    const { marker, cwd } = marked()
    const server = await startTempRuntime({ models: models.server })
    const wrong = server.start({ goal: '', cwd, trust_config: 'a'.repeat(64) })
    await expect(wrong).rejects.toMatchObject({ code: 'invalid', fields: [{ pointer: '/trust_config' }] })
    expect(existsSync(marker)).toBe(false)
    const { config } = await server.goals.detect(cwd)
    expect(config).toMatchObject({ accepted: false, decides: true })
    const { run_id } = await server.start({ goal: '', cwd, trust_config: config!.sha256 })
    await server.untilStatus(run_id, 'achieved')
    expect((await server.goals.detect(cwd)).config?.accepted).toBe(true)
    expect(await server.runs.get(run_id)).toMatchObject({ project_config: { accepted: true, left_out: [] } })
  })

  it('wait again where a run is started again that nobody accepted them for, whatever is changed, and once they are accepted no more', async () => {
    const { marker, cwd, file } = marked()
    const server = await startTempRuntime({ models: models.server })
    const { run_id } = await server.start({ goal: '', cwd })
    await server.untilStatus(run_id, 'waiting')
    await server.runs.resume(run_id, { decision: 'abort' }, 'dashboard')
    const { rerun } = server.runs
    for (const changes of [{}, { max_iterations: 2 }, { goal: 'it is done', check_command: 'true' }]) {
      const again = await rerun(run_id, changes, { caller: 'cli' })
      expect((await server.untilStatus(again.run_id, 'waiting')).gate?.kind).toBe('config')
    }
    expect(existsSync(marker)).toBe(false)

    const accepted = await rerun(run_id, { trust_config: true }, { caller: 'cli' })
    await server.untilStatus(accepted.run_id, 'achieved')
    expect(existsSync(marker)).toBe(true)
    // What it says by now is not looked at.
    writeFileSync(file, 'goal: It is there\ncheck_command: "false"\ncommand_policy: { deny: [touch] }\n')
    const known = await rerun(run_id, {}, { caller: 'cli' })
    await server.untilStatus(known.run_id, 'achieved')
    expect(await server.runs.get(known.run_id)).toMatchObject({ project_config: { accepted: true } })
  })

  it('are left aside where the request says what is to be done, but for what limits', async () => {
    const { marker, cwd } = marked()
    const server = await startTempRuntime({ models: models.server })
    const { run_id } = await server.start({ goal: 'it is done', check_command: 'test -f done', cwd })
    await server.untilStatus(run_id, 'achieved')
    expect(existsSync(marker)).toBe(false)
    expect(await server.runs.get(run_id)).toMatchObject({
      max_iterations: 1,
      project_config: { accepted: false, left_out: ['goal', 'check_command'] },
    })
    const logs = (await server.events(run_id)).filter(
      (event): event is EventOf<'log'> => event.kind === 'log',
    )
    expect(logs.map(({ payload }) => payload.message).join()).toContain('goal, check_command')
  })

  it('are not checked by hand before somebody has accepted them', async () => {
    const { marker, cwd } = marked()
    const server = await startTempRuntime({ models: models.server })
    const { signal } = new AbortController()
    await expect(server.goals.check({ cwd }, 'cli', signal)).rejects.toMatchObject({
      code: 'config_not_accepted',
    })
    expect(existsSync(marker)).toBe(false)
    const { config } = await server.goals.detect(cwd)
    await expect(server.goals.acceptConfig({ cwd, sha256: 'b'.repeat(64) }, 'cli')).rejects.toMatchObject({
      code: 'invalid',
    })
    expect(await server.goals.acceptConfig({ cwd, sha256: config!.sha256 }, 'cli')).toMatchObject({
      accepted: true,
    })
    expect((await server.goals.check({ cwd }, 'cli', signal)).achieved).toBe(false)
    expect(existsSync(marker)).toBe(true)
  })

  it('can forbid commands, and cannot allow any', async () => {
    const server = await startTempRuntime({ models: models.server })
    const script = [turn([toolUse('bash_exec', { command: 'touch done' })]), turn([text('Done.')])]
    const stricter = models.project(script, { '.retrai.yml': 'command_policy:\n  deny: [touch]\n' })
    const { run_id } = await server.start({ ...GOAL, cwd: stricter })
    await server.untilStatus(run_id, 'exhausted')
    expect(existsSync(path.join(stricter, 'done'))).toBe(false)
    const looser = models.project(script, { '.retrai.yml': 'command_policy:\n  allow: [git push]\n' })
    await expect(server.start({ ...GOAL, cwd: looser })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('.retrai.yml, line 2: "allow" is not a setting'),
    })
  })
})
