// What the server says of its sandbox, and what a run can ask of it; with bubblewrap, and on a machine without.
import { createServer } from 'node:http'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EventOf } from '#lib/contract/event'
import { bash, repairShell, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { text, turn } from '#lib/testing/messages-script'
import { startServer } from '#lib/testing/server'
import { openStage, type Stage } from '#lib/testing/stage'

/** Starts a program where bubblewrap is not: the file is no program there. */
const WITHOUT_BUBBLEWRAP = [
  ...['unshare', '-rm', 'sh', '-c', 'mount --bind /dev/null /usr/bin/bwrap && exec "$@"', 'sh'],
]

const sandboxCheck = async (stage: Stage) => {
  const { checks, ready } = await stage.client.ok<{
    ready: boolean
    checks: { name: string; ok: boolean; detail: string }[]
  }>('GET', '/readyz')
  return { ready, ...checks.find(({ name }) => name === 'sandbox') }
}

async function startEventOf(stage: Stage, runId: string) {
  const events = await stage.client.events(runId)
  return events.find((event): event is EventOf<'run_start'> => event.kind === 'run_start')?.payload
}

describe('with bubblewrap', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
  })
  afterAll(() => stage?.close())

  it('log, readiness, run and journal name it', async () => {
    expect(stage.server.stderr()).toContain('commands of runs are sandboxed')
    expect(await sandboxCheck(stage)).toMatchObject({
      ready: true,
      ok: true,
      detail: expect.stringMatching(/^bubblewrap [\d.]+, 13 of 13 assertions hold$/),
    })
    const cwd = await stage.project(SHELL_PROJECT, repairShell)
    const run = await stage.client.finish({ ...SHELL_GOAL, cwd })
    expect(run).toMatchObject({ status: 'achieved', sandbox: 'bwrap', network: 'off' })
    expect(await startEventOf(stage, run.run_id)).toMatchObject({ sandbox: 'bwrap' })
    expect(stage.requests(cwd)[0]?.firstUserText).toContain('Commands run in a sandbox')
  })

  it('a run without it says so, and can what a sandboxed one cannot', async () => {
    const seen = path.join(stage.server.dataDir, 'retrai.db')
    const script = [turn([text('I look.'), bash(`test -e ${seen} && echo works > app.txt`)])]
    const boxed = await stage.client.finish({
      ...SHELL_GOAL,
      cwd: await stage.project(SHELL_PROJECT, script),
      max_iterations: 1,
    })
    expect(boxed).toMatchObject({ status: 'exhausted', sandbox: 'bwrap' })
    const plain = await stage.client.finish({
      ...SHELL_GOAL,
      cwd: await stage.project(SHELL_PROJECT, script),
      max_iterations: 1,
      sandbox: 'off',
    })
    expect(plain).toMatchObject({ status: 'achieved', sandbox: 'off' })
    expect(await startEventOf(stage, plain.run_id)).toMatchObject({ sandbox: 'off' })
  })

  it('a check that needs the network says so at once, with what allows it; with it, the check is met', async () => {
    const service = createServer((_, response) => response.end('ok'))
    await new Promise<void>(resolve => service.listen(0, '127.0.0.1', resolve))
    const { port } = service.address() as { port: number } // It listens on a port.
    const files = {
      'check.mjs': `await fetch('http://127.0.0.1:${port}').catch(async () => fetch('http://retrai.example'))\n`,
    }
    const goal = { goal: 'reach it', check_command: 'node check.mjs', max_iterations: 1 }
    try {
      const offline = await stage.client.finish({ ...goal, cwd: await stage.project(files) })
      const checks = await stage.client.events(offline.run_id)
      const baseline = checks.find((event): event is EventOf<'goal_check'> => event.kind === 'goal_check')
      expect(baseline?.payload).toMatchObject({ achieved: false, baseline: true })
      expect(baseline?.payload.reason).toContain('start the run with network: "on"')
      const online = await stage.client.finish({ ...goal, cwd: await stage.project(files), network: 'on' })
      expect(online).toMatchObject({ status: 'achieved', network: 'on' })
      const settings = { ...files, '.retrai.yml': 'network: on\n' }
      // Only once somebody has accepted them: until then settings can but limit.
      const unknown = { ...goal, cwd: await stage.project(settings) }
      expect(await stage.client.finish(unknown)).toMatchObject({ status: 'exhausted', network: 'off' })
      const bySettings = await stage.client.finish({ ...unknown, trust_config: true })
      expect(bySettings).toMatchObject({ status: 'achieved', network: 'on' })
    } finally {
      service.close()
    }
  })

  it('with a list of hosts the check says which it missed', async () => {
    const files = {
      'check.py': 'import urllib.request\nprint(urllib.request.urlopen("http://evil.example/").read())\n',
    }
    const run = await stage.client.finish({
      ...{ goal: 'reach it', check_command: 'python3 check.py', max_iterations: 1 },
      cwd: await stage.project(files),
      network: ['registry.example.org', '*.example.net:8443'],
    })
    expect(run).toMatchObject({
      status: 'exhausted',
      network: ['registry.example.org', '*.example.net:8443'],
    })
    const [check] = await stage.client.events(run.run_id, '?kind=goal_check')
    expect(check?.payload).toMatchObject({
      baseline: true,
      reason: expect.stringMatching(
        /It seems to need the network.*refused: evil\.example:80 \(it is not on the list/,
      ),
    })
    expect(stage.server.stderr()).toMatch(/evil\.example:80.*asked for a host that it may not reach/)
  })

  it('other values are refused by name, and a list of hosts where nothing would hold it', async () => {
    const cwd = await stage.project(SHELL_PROJECT)
    const hosts = ['example.org']
    for (const wrong of [
      ...[{ network: 'yes' }, { sandbox: 'on' }, { sandbox: 'require' }],
      ...[{ network: ['localhost'] }, { network: ['127.0.0.1'] }, { network: hosts, sandbox: 'off' }],
    ]) {
      const answer = await stage.client.request('POST', '/api/runs', {
        body: { ...SHELL_GOAL, cwd, ...wrong },
      })
      expect(answer.status).toBe(422)
      expect(answer.text).toContain(Object.keys(wrong)[0])
    }
  })
})

it('where it is required, no run does without', async () => {
  const stage = await openStage({ env: { RETRAI_SANDBOX: 'require' } })
  try {
    const cwd = await stage.project(SHELL_PROJECT, repairShell)
    const refused = await stage.client.request('POST', '/api/runs', {
      body: { ...SHELL_GOAL, cwd, sandbox: 'off' },
    })
    expect(refused.status).toBe(422)
    expect(refused.text).toContain('this server runs nothing outside its sandbox')
    expect(await stage.client.finish({ ...SHELL_GOAL, cwd })).toMatchObject({
      status: 'achieved',
      sandbox: 'bwrap',
    })
  } finally {
    await stage.close()
  }
})

describe('without bubblewrap', () => {
  it('everything works, and everything says that it is not sandboxed and how it could be', async () => {
    const stage = await openStage({ under: WITHOUT_BUBBLEWRAP })
    try {
      const how =
        'bubblewrap is not installed; install bubblewrap (Debian, Ubuntu: apt-get install bubblewrap'
      expect(stage.server.stderr()).toContain('commands of runs are not sandboxed')
      expect(stage.server.stderr()).toContain(how)
      expect(await sandboxCheck(stage)).toMatchObject({
        ready: true,
        ok: true,
        detail: expect.stringContaining(how),
      })
      const cwd = await stage.project(SHELL_PROJECT, repairShell)
      const run = await stage.client.finish({ ...SHELL_GOAL, cwd })
      expect(run).toMatchObject({ status: 'achieved', sandbox: 'off' })
      expect(await startEventOf(stage, run.run_id)).toMatchObject({ sandbox: 'off' })
      expect(stage.requests(cwd)[0]?.firstUserText).toContain('Commands are not sandboxed')
      const refused = await stage.client.request('POST', '/api/runs', {
        body: { ...SHELL_GOAL, cwd, network: ['example.org'] },
      })
      expect([refused.status, refused.text]).toEqual([
        422,
        expect.stringContaining('a list of hosts can only be held in the sandbox'),
      ])
    } finally {
      await stage.close()
    }
  })

  it('a server that requires it does not start, and says what to do', async () => {
    const started = startServer({ under: WITHOUT_BUBBLEWRAP, env: { RETRAI_SANDBOX: 'require' } })
    await expect(started).rejects.toThrow(
      /ended with 1[\s\S]*The sandbox is required and not to be had: bubblewrap is not installed; install bubblewrap/,
    )
  })
})

it('a sandbox that was switched off is recorded', async () => {
  const stage = await openStage({ env: { RETRAI_SANDBOX: 'off' } })
  try {
    expect(await sandboxCheck(stage)).toMatchObject({
      detail: expect.stringContaining('it was switched off'),
    })
    const cwd = await stage.project(SHELL_PROJECT, repairShell)
    const run = await stage.client.finish({ ...SHELL_GOAL, cwd })
    expect(await startEventOf(stage, run.run_id)).toMatchObject({ sandbox: 'off' })
  } finally {
    await stage.close()
  }
})
