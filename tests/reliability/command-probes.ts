// What commands and file tools of a run may not have: the server's secrets, and the hands on the project's .git.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { makeProject } from '#lib/testing/make-project'
import { type Block, text, toolUse, turn } from '#lib/testing/messages-script'
import { startMessagesServer } from '#lib/testing/messages-server'
import { startServer } from '#lib/testing/server'
import { waitFor } from '#lib/testing/wait-for'
import type { Scenario } from './scenario.ts'

const CANARIES = {
  ANTHROPIC_API_KEY: 'canary-anthropic-1f6f0a',
  OPENROUTER_API_KEY: 'canary-openrouter-9b2c44',
  MY_DEPLOY_PASSWORD: 'canary-password-77e1d0',
}

export const environment: Scenario = {
  name: 'environment',
  promise: "no secret of the server is in a command's environment",
  async run({ bundle }) {
    // Into a file: the journal takes known secrets out of what it stores.
    const command = 'env > env.txt; cat /proc/$PPID/environ > parent.txt 2> /dev/null; true'
    const calls = [toolUse('bash_exec', { command })]
    const files = await afterCalls(bundle, calls, folder => ({
      'of the command': read(folder, 'env.txt'),
      'of its parent': read(folder, 'parent.txt'),
    }))
    const broken = Object.entries(files).flatMap(([whose, content]) =>
      Object.entries(CANARIES)
        .filter(([, canary]) => content.includes(canary))
        .map(([name]) => `${name} is in the environment ${whose}`),
    )
    if (!files['of the command']?.includes('PATH=')) broken.push('the command did not print its environment')
    return { figures: { canaries: Object.keys(CANARIES).length, 'canaries seen': broken.length }, broken }
  },
}

const GIT_FILES = ['.git/config', '.git/hooks/pre-commit', '.git/info/attributes', 'sub/.git/config']

export const gitFolder: Scenario = {
  name: 'git-folder',
  promise: 'file tools never write below .git, where a file can make git run a program',
  async run({ bundle }) {
    const calls = GIT_FILES.map(file =>
      toolUse('file_write', { path: file, content: 'written by the agent\n' }),
    )
    const written = await afterCalls(bundle, calls, folder =>
      GIT_FILES.filter(file => read(folder, file).includes('written by the agent')),
    )
    return {
      figures: { tried: GIT_FILES.length, written: written.length },
      broken: written.map(file => `${file} was written`),
    }
  },
}

const read = (folder: string, file: string) => {
  const full = path.join(folder, file)
  return existsSync(full) ? readFileSync(full, 'latin1') : ''
}

/** Runs an agent that makes these calls, and looks at its folder once it has ended. */
async function afterCalls<T>(
  bundle: string | undefined,
  calls: Block[],
  look: (folder: string) => T,
): Promise<T> {
  const project = await makeProject({ 'readme.txt': 'nothing yet\n' })
  spawnSync('git', ['init', '-q'], { cwd: project.path })
  const model = await startMessagesServer({ script: [turn(calls), turn([text('Done.')])] })
  const server = await startServer({
    ...(bundle ? { bundle } : {}),
    env: { ...CANARIES, ANTHROPIC_BASE_URL: model.url },
  })
  try {
    const body = { goal: 'try it', check_command: 'test -f never.txt', cwd: project.path, max_iterations: 1 }
    const started = await fetch(`${server.url}/api/runs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const { run_id: runId } = (await started.json()) as { run_id: string }
    await waitFor(
      'the run has spent its iteration',
      async () => {
        const run = await (await fetch(`${server.url}/api/runs/${runId}`)).json()
        return (run as { status: string }).status === 'exhausted'
      },
      { limitMs: 60_000 },
    )
    return look(project.path)
  } finally {
    await server.close()
    await model.close()
    await project.remove()
  }
}
