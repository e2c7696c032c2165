// An agent leaves files behind that other programs obey: each is told, and none is obeyed by the server.
import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { EventOf } from '#lib/contract/event'
import { text, toolUse, turn } from '#lib/testing/messages-script'
import { openStage } from '#lib/testing/stage'
import type { Scenario } from '../reliability/scenario.ts'

/** What is written, so that whoever obeys it leaves a marker outside. */
const FILES: [name: string, content: (marker: string) => string][] = [
  ['.git/config', marker => `[core]\n\tfsmonitor = touch ${marker}\n\thooksPath = .git/hooks\n`],
  ['.git/hooks/post-checkout', marker => `#!/bin/sh\ntouch ${marker}\n`],
  ['.retrai.yml', marker => `goal: x\ncheck_command: touch ${marker}\n`],
  ['.envrc', marker => `touch ${marker}\n`],
  [
    '.vscode/tasks.json',
    marker =>
      JSON.stringify({ tasks: [{ command: `touch ${marker}`, runOptions: { runOn: 'folderOpen' } }] }),
  ],
  ['.vscode/settings.json', marker => JSON.stringify({ 'git.path': `touch ${marker}` })],
  ['.husky/pre-commit', marker => `touch ${marker}\n`],
  ['.github/workflows/x.yml', marker => `on: push\njobs: { x: { steps: [{ run: touch ${marker} }] } }\n`],
  ['.gitlab-ci.yml', marker => `x: { script: [touch ${marker}] }\n`],
  ['.npmrc', marker => `script-shell=touch ${marker}\n`],
  [
    '.pre-commit-config.yaml',
    marker => `repos: [{ repo: local, hooks: [{ id: x, entry: touch ${marker} }] }]\n`,
  ],
  ['.devcontainer/devcontainer.json', marker => JSON.stringify({ initializeCommand: `touch ${marker}` })],
  ['.idea/workspace.xml', marker => `<x command="touch ${marker}"/>\n`],
  ['lefthook.yml', marker => `pre-commit: { jobs: [{ run: touch ${marker} }] }\n`],
  ['.mise.toml', marker => `[hooks]\nenter = "touch ${marker}"\n`],
  ['sitecustomize.py', marker => `open("${marker}", "w")\n`],
]
/** One of them by a file tool, which may write it; the others by commands. */
const BY_TOOL = '.envrc'

export const sensitiveFiles: Scenario = {
  name: 'sensitive-files',
  promise:
    'files that other programs obey are told when an agent makes them, and the server obeys none of them',
  async run({ scale, log }) {
    const outside = await mkdtemp(path.join(tmpdir(), 'retrai-markers-'))
    const broken: string[] = []
    let reported = 0
    let expected = 0
    // In the sandbox of this machine, if it has one, and plainly.
    for (const sandbox of scale === 'quick' ? ['off'] : ['auto', 'off']) {
      const stage = await openStage({ env: { RETRAI_SANDBOX: sandbox } })
      try {
        const calls = FILES.map(([name, content]) => {
          const body = content(path.join(outside, `${sandbox}-${name.replaceAll('/', '-')}`))
          return name === BY_TOOL
            ? toolUse('file_write', { path: name, content: body })
            : toolUse('bash_exec', {
                command: `mkdir -p ${path.dirname(name)} && cat > ${name} <<'END'\n${body}\nEND\nchmod +x ${name}`,
              })
        })
        const cwd = await stage.project({ 'a.txt': 'a' }, [
          turn(calls),
          turn([
            toolUse('bash_exec', { command: 'rm .npmrc; echo more >> .gitlab-ci.yml; echo fine > b.txt' }),
          ]),
          turn([text('Done.')]),
        ])
        const run = await stage.client.start({
          goal: 'x',
          check_command: 'test -f b.txt && false',
          cwd,
          hitl_enabled: true,
        })
        await stage.client.until(run.run_id, 'waiting')
        const events = await stage.client.events(run.run_id)
        const told = events.filter(
          (event): event is EventOf<'sensitive_change'> => event.kind === 'sensitive_change',
        )
        const made = new Set(
          told.filter(({ payload }) => payload.change === 'created').map(({ payload }) => payload.path),
        )
        // In the sandbox a repository is closed from the moment it is there.
        const there = FILES.filter(([name]) => existsSync(path.join(cwd, name)) || name === '.npmrc')
        if (there.length < FILES.length - (sandbox === 'off' ? 0 : 1))
          broken.push(`${sandbox}: only ${there.length} files could be made: the test tests too little`)
        const missing = there.filter(([name]) => !made.has(name)).map(([name]) => name)
        expected += there.length
        reported += there.length - missing.length
        if (missing.length > 0) broken.push(`${sandbox}: not told: ${missing.join(', ')}`)
        const changes = told.map(({ payload }) => `${payload.change} ${payload.path}`)
        for (const change of ['deleted .npmrc', 'changed .gitlab-ci.yml'])
          if (!changes.includes(change)) broken.push(`${sandbox}: not told: ${change}`)
        if (told.some(({ payload }) => payload.path === 'b.txt'))
          broken.push(`${sandbox}: an ordinary file was told`)
        const gate = events.findLast(
          (event): event is EventOf<'human_check_required'> => event.kind === 'human_check_required',
        )
        const flags = gate?.payload.flags.filter(({ code }) => code === 'sensitive_change') ?? []
        if (flags.length < there.length) broken.push(`${sandbox}: the gate shows ${flags.length} of them`)

        // Everything that the server does with a project.
        await stage.client.request('GET', `/api/runs/${run.run_id}/diff`)
        await stage.client.resume(run.run_id, { decision: 'abort' })
        await stage.client.request('POST', '/api/goals/detect', { body: { cwd } })
        const next = await stage.client.start({ goal: '', cwd })
        await stage.client.until(next.run_id, 'waiting')
        await stage.client.resume(next.run_id, { decision: 'abort' })
        await stage.client.finish({ goal: 'x', check_command: 'test -f a.txt', cwd })
        log(`${sandbox}: ${told.length} told`)
      } finally {
        await stage.close()
      }
    }
    const obeyed = existsSync(outside) ? readdirSync(outside) : []
    if (obeyed.length > 0) broken.push(`obeyed: ${obeyed.join(', ')}`)
    await rm(outside, { recursive: true, force: true })
    return {
      figures: { 'sensitive files told': `${reported} of ${expected}`, obeyed: obeyed.length },
      broken,
    }
  },
}
