// What `retrai run` does when no server answers, and `retrai serve` and `retrai demo` as processes.
import { execFile } from 'node:child_process'
import { readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunSummary } from '#lib/contract/runs'
import { type RunningCli, runCli, startCli } from '#lib/testing/cli'
import { makeProject, type Project, SHELL_PROJECT } from '#lib/testing/make-project'
import { temporaryDirectory } from '#lib/testing/server'
import { waitFor } from '#lib/testing/wait-for'

const CHECK = ['make it work', '--cmd', 'sh check.sh']

let dataDir: string
let project: Project
beforeAll(async () => {
  dataDir = await temporaryDirectory('retrai-cli-data-')
  project = await makeProject({ ...SHELL_PROJECT, 'slow.sh': 'sleep 3600\n' })
})
afterAll(async () => {
  await project.remove()
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
})

/** A port nobody listens on, as the usual one of these tests. */
async function freePort(): Promise<string> {
  const probe = createServer()
  await new Promise<void>(resolve => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as { port: number }
  await new Promise(resolve => probe.close(resolve))
  return String(port)
}

const isAnswering = (url: string) =>
  fetch(`${url}/healthz`).then(
    answer => answer.ok,
    () => false,
  )

async function withoutServer() {
  const PORT = await freePort()
  return { url: `http://127.0.0.1:${PORT}`, env: { PORT, RETRAI_DATA_DIR: dataDir } }
}

async function firstRunOf(url: string): Promise<RunSummary | undefined> {
  const runs = await fetch(`${url}/api/runs`).then(
    answer => answer.json(),
    () => [],
  )
  return (runs as RunSummary[])[0]
}

/** A run whose check takes for ever, by a server of its own. */
async function slowRun(
  ...args: string[]
): Promise<RunningCli & { url: string; env: Record<string, string> }> {
  const { url, env } = await withoutServer()
  const cli = startCli(['run', 'be slow', '--cmd', 'sh slow.sh', '-C', project.path, ...args], { env })
  await waitFor('the run has started', async () => (await firstRunOf(url))?.status === 'running')
  return { ...cli, url, env }
}

describe('retrai run without a server', () => {
  it('starts one, says so, and ends it with the run', async () => {
    const { url, env } = await withoutServer()
    const met = ['run', 'be true', '--cmd', 'true', '-C', project.path]
    const { code, stdout, stderr } = await runCli(met, { env })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^achieved/)
    expect(stderr).toContain(`No server answers on ${url}; started one for this at ${url}`)
    expect(await isAnswering(url)).toBe(false)
  })

  it('aborts the run at Ctrl-C, since its server ends with the command', async () => {
    const cli = await slowRun()
    cli.child.kill('SIGINT')
    const { code, stderr } = await cli.ended
    expect(code).toBe(130)
    expect(stderr).toContain('Aborting the run: its server was started for it')
    expect(await isAnswering(cli.url)).toBe(false)
    const list = await runCli(['check', '--cmd', 'true', '-C', project.path, '--json'], { env: cli.env })
    expect(list.code).toBe(0) // the data directory is free again
  })

  it('leaves no server behind when it is killed', async () => {
    const cli = await slowRun()
    cli.child.kill('SIGKILL')
    await cli.ended
    await waitFor('the server is gone', async () => !(await isAnswering(cli.url)))
  })

  it('with --detach the server stays, and its process is named', async () => {
    const { url, env } = await withoutServer()
    const detached = ['run', 'be slow', '--cmd', 'sh slow.sh', '-C', project.path, '--detach']
    const { code, stdout, stderr } = await runCli(detached, { env })
    expect(code).toBe(0)
    const pid = Number(/end it with `kill (\d+)`/.exec(stderr)?.[1])
    expect(pid).toBeGreaterThan(1)
    try {
      expect((await firstRunOf(url))?.run_id).toBe(stdout.trim())
      expect((await runCli(['abort', stdout.trim()], { env })).code).toBe(0)
    } finally {
      process.kill(pid, 'SIGTERM')
    }
    await waitFor('the server is gone', async () => !(await isAnswering(url)))
  })

  it('says why when the server cannot start', async () => {
    const first = await slowRun()
    const { env } = await withoutServer()
    const { code, stderr } = await runCli(['run', ...CHECK, '-C', project.path], { env })
    expect(code).toBe(9)
    expect(stderr).toContain('another retrai serve uses this data directory')
    first.child.kill('SIGINT')
    await first.ended
  })
})

describe('retrai serve', () => {
  it('is the server itself: flags beat variables, SIGTERM ends it with 0', async () => {
    const port = await freePort()
    const own = await temporaryDirectory('retrai-serve-')
    const env = { PORT: '1', RETRAI_DATA_DIR: '/nowhere', RETRAI_TOKEN: undefined }
    const cli = startCli(['serve', '--port', port, '--data-dir', own], { env })
    await waitFor('it listens', () => cli.output.stdout.includes('retrAI is listening on'))
    expect(cli.output.stdout).toContain(`retrAI is listening on http://127.0.0.1:${port}\n`)
    expect((await readdir(own)).join()).toContain('retrai.db')
    cli.child.kill('SIGTERM')
    expect((await cli.ended).code).toBe(0)
    await rm(own, { recursive: true })
  })

  it('refuses with 2 and a sentence what would be unsafe or is wrong', async () => {
    const unsafe = await runCli(['serve', '--host', '0.0.0.0'], { env: { RETRAI_DATA_DIR: dataDir } })
    expect(unsafe).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('RETRAI_TOKEN') })
    const wrong = await runCli(['serve', '--data-dir', path.join(project.path, 'app.txt')])
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot be used') })
  })
})

describe('retrai demo', () => {
  it('really repairs a real project, with nothing of the home directory, and exits with 0', async () => {
    const env = {
      HOME: path.join(project.path, 'app.txt'), // a file: nothing can be written there, whoever one is
      XDG_DATA_HOME: undefined,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
    }
    const { code, stdout, stderr } = await runCli(['demo', '--exit', '--port', '0'], { env })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Dashboard: http:\/\/127\.0\.0\.1:\d+\/runs\/[0-9a-f-]{36}$/m)
    expect(stderr).toContain('baseline     5 failing of 14')
    expect(stderr).toContain('npm test, once more in the project: exit 0 (14 tests, 14 pass, 0 fail)')
    const folder = /run `npm test` in (\S+) to see/.exec(stdout)?.[1]
    expect(folder).toBeDefined()
    const { NODE_TEST_CONTEXT: _, ...plain } = process.env
    const proof = await promisify(execFile)('npm', ['test'], { cwd: folder, env: plain })
    expect(proof.stdout).toMatch(/fail 0$/m)
    expect(await readdir(path.dirname(folder!))).toEqual(['shopping-cart'])
    await rm(path.dirname(folder!), { recursive: true })
  })

  it('refuses a model without its key with 2, before anything starts', async () => {
    const env = { ANTHROPIC_API_KEY: undefined }
    const { code, stdout, stderr } = await runCli(['demo', '--model', 'claude-sonnet-4-6', '--port', '0'], {
      env,
    })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('ANTHROPIC_API_KEY is not set')
  })

  it('leaves the dashboard open until Ctrl-C', async () => {
    const cli = startCli(['demo', '--port', '0'])
    await waitFor('the run has ended', () => cli.output.stderr.includes('The dashboard stays open'), {
      limitMs: 50_000,
    })
    const page = /^Dashboard: (\S+)$/m.exec(cli.output.stdout)?.[1] ?? ''
    const answer = await fetch(page)
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain('scripted/demo')
    cli.child.kill('SIGINT')
    expect((await cli.ended).code).toBe(0)
    expect(await isAnswering(new URL(page).origin)).toBe(false)
    const folder = /run `npm test` in (\S+) to see/.exec(cli.output.stdout)?.[1] ?? ''
    await rm(path.dirname(folder), { recursive: true })
  })
})
