// The questions a terminal asks, answered on a stream that says it is one, against the real server.
import { existsSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { rootOfCli } from '#lib/testing/cli'
import { repairShell, repairShellAtSecond, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { text, toolUse, turn } from '#lib/testing/messages-script'
import { openStage, type Stage } from '#lib/testing/stage'
import { waitFor } from '#lib/testing/wait-for'
import { runCommand } from './main.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.close())

/** `retrai` in this process, with a person at the terminal. */
function atTerminal(...argv: string[]) {
  const stdin = Object.assign(new PassThrough(), { isTTY: true })
  const screen = { out: '', err: '' }
  const terminal = (name: 'out' | 'err') => {
    const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 100 })
    stream.setEncoding('utf8').on('data', (text: string) => {
      screen[name] += text
    })
    return stream
  }
  const ended = runCommand(argv, {
    root: rootOfCli,
    version: '0',
    env: { NODE_ENV: 'test', RETRAI_SERVER: stage.server.url, NO_COLOR: '1' },
    cwd: '/',
    stdin,
    stdout: terminal('out'),
    stderr: terminal('err'),
    ensureBuild: async () => {},
  })
  return {
    screen,
    ended,
    /** Waits for the question, then types. */
    async answer(question: string, reply: string) {
      await waitFor(`“${question}” is asked`, () => screen.err.includes(question))
      screen.err = screen.err.replace(question, '')
      stdin.write(`${reply}\n`)
    },
  }
}

/** Two iterations that only look, then the repair. */
const lookTwice = [turn([text('One look.')]), turn([text('Another look.')]), ...repairShell]

const QUESTION = '[x] abort the run: '
const runAtGate = (cwd: string) =>
  atTerminal('run', 'make it work', '--cmd', 'sh check.sh', '-C', cwd, '--gate')
const responseOf = async (cwd: string) => {
  const [run] = await stage.client.list(`?cwd=${cwd}`)
  const events = await stage.client.events(run!.run_id, '?kind=human_check_response')
  return events.map(({ payload }) => payload)
}

it('shows what changed, the diff when asked for it, and approves with a note', async () => {
  const cwd = await stage.project(SHELL_PROJECT, repairShellAtSecond)
  const terminal = runAtGate(cwd)
  await waitFor('it asks', () => terminal.screen.err.includes(QUESTION))
  // What went on until then, drawn over, and gone while it asks.
  expect(terminal.screen.err).toMatch(/iteration 1\/20 · \w+ · [^\n]*\n {2}[\d.k]+ tokens/)
  expect(terminal.screen.err.split('Gate after iteration 1')[1]).not.toMatch(/1\/20|tokens/)
  expect(terminal.screen.err).toContain('Gate after iteration 1')
  expect(terminal.screen.err).toContain('+1 −0 notes.txt')
  expect(terminal.screen.err).toContain('the agent: I have only looked so far.')
  await terminal.answer(QUESTION, 'd')
  await waitFor('the diff is shown', () => terminal.screen.err.includes('+looked at it'))
  await terminal.answer(QUESTION, 'n')
  await terminal.answer('Note to the agent: ', 'Write it into app.txt')
  expect(await terminal.ended).toBe(0)
  expect(terminal.screen.out).toMatch(/^achieved/)
  expect(await responseOf(cwd)).toMatchObject([
    { decision: 'approve', note: 'Write it into app.txt', decided_by: 'cli' },
  ])
})

it('aborts the run when told to', async () => {
  const cwd = await stage.project(SHELL_PROJECT, repairShellAtSecond)
  const terminal = runAtGate(cwd)
  await terminal.answer(QUESTION, 'x')
  expect(await terminal.ended).toBe(7)
  expect(await responseOf(cwd)).toMatchObject([{ decision: 'abort', decided_by: 'cli' }])
})

it('takes the question back when the gate is answered elsewhere', async () => {
  const cwd = await stage.project(SHELL_PROJECT, repairShellAtSecond)
  const terminal = runAtGate(cwd)
  await waitFor('it asks', () => terminal.screen.err.includes(QUESTION))
  const [run] = await stage.client.list(`?cwd=${cwd}`)
  await stage.client.resume(run!.run_id, { decision: 'approve' })
  expect(await terminal.ended).toBe(0)
  expect(await responseOf(cwd)).toMatchObject([{ decided_by: 'api' }])
})

it('does not approve what has changed since it was shown: shows it, and asks again', async () => {
  const cwd = await stage.project(SHELL_PROJECT, repairShellAtSecond)
  const terminal = runAtGate(cwd)
  await waitFor('it asks', () => terminal.screen.err.includes(QUESTION))
  await appendFile(path.join(cwd, 'notes.txt'), 'written by somebody else\n')
  await terminal.answer(QUESTION, 'a')
  await waitFor('the new diff is shown', () => terminal.screen.err.includes('+written by somebody else'))
  expect(await responseOf(cwd)).toEqual([])
  await terminal.answer(QUESTION, 'a')
  expect(await terminal.ended).toBe(0)
})

it('asks whoever watches a run that somebody else started', async () => {
  const cwd = await stage.project(SHELL_PROJECT, repairShellAtSecond)
  const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd, hitl_enabled: true })
  const terminal = atTerminal('watch', runId)
  await terminal.answer(QUESTION, 'a')
  expect(await terminal.ended).toBe(0)
  expect(terminal.screen.out).toMatch(/^achieved/)
})

it('asks before it aborts, and does nothing without a yes', async () => {
  const cwd = await stage.project(SHELL_PROJECT, repairShellAtSecond)
  const { run_id: runId } = await stage.client.start({
    goal: 'make it work',
    check_command: 'sh check.sh',
    cwd,
    hitl_enabled: true,
  })
  await stage.client.until(runId, 'waiting')
  const question = `Abort ${runId.slice(0, 8)} “make it work” (waiting)? [y/N] `
  const hesitant = atTerminal('abort', runId)
  await hesitant.answer(question, '')
  expect(await hesitant.ended).toBe(130)
  expect((await stage.client.run(runId)).status).toBe('waiting')
  const sure = atTerminal('abort', runId)
  await sure.answer(question, 'y')
  expect(await sure.ended).toBe(0)
  expect((await stage.client.run(runId)).status).toBe('aborted')
})

it('shows a command with everything that hides in it spelled, and denies it with a word to the agent', async () => {
  const cwd = await stage.project(SHELL_PROJECT, [
    turn([toolUse('bash_exec', { command: 'git push origin ma\u202ein' })]),
    turn([text('Then not.')]),
  ])
  const terminal = atTerminal('run', 'make it work', '--cmd', 'sh check.sh', '-C', cwd, '-n', '1')
  await waitFor('it asks', () => terminal.screen.err.includes('[d]eny'))
  expect(terminal.screen.err).toContain('$ git push origin ma⟨U+202E⟩in')
  expect(terminal.screen.err).not.toContain('\u202e')
  await terminal.answer(QUESTION, 'n')
  await terminal.answer('Note to the agent: ', 'we do not push')
  expect(await terminal.ended).toBe(3)
  expect(await responseOf(cwd)).toMatchObject([
    { decision: 'deny', note: 'we do not push', decided_by: 'cli' },
  ])
})

it('shows settings that nobody has accepted, and starts once they are', async () => {
  const cwd = await stage.project({ '.retrai.yml': 'goal: Be there\ncheck_command: test -d .\n' })
  const terminal = atTerminal('run', '-C', cwd)
  await waitFor('it asks', () => terminal.screen.err.includes('[a]ccept and start'))
  expect(terminal.screen.err).toContain('$ test -d .')
  await terminal.answer(QUESTION, 'a')
  expect(await terminal.ended).toBe(0)
  const again = atTerminal('run', '-C', cwd)
  expect(await again.ended).toBe(0)
})

it('approves, and does not ask for the rest of the run', async () => {
  const cwd = await stage.project(SHELL_PROJECT, lookTwice)
  const terminal = runAtGate(cwd)
  await terminal.answer(QUESTION, 'r')
  expect(await terminal.ended).toBe(0)
  expect(await responseOf(cwd)).toMatchObject([
    { decision: 'approve', approve_next: 'rest', decided_by: 'cli' },
  ])
})

it('undoes an iteration with a word to the agent, and does nothing on a stray Enter', async () => {
  const cwd = await stage.project(SHELL_PROJECT, repairShellAtSecond)
  const terminal = runAtGate(cwd)
  await terminal.answer(QUESTION, 'u')
  await terminal.answer('↵ leaves it: ', '')
  expect(await responseOf(cwd)).toEqual([])
  await terminal.answer(QUESTION, 'u')
  await terminal.answer('↵ leaves it: ', 'no notes')
  expect(await terminal.ended).toBe(0)
  expect(await responseOf(cwd)).toMatchObject([{ decision: 'undo', note: 'no notes', decided_by: 'cli' }])
  expect(existsSync(path.join(cwd, 'notes.txt'))).toBe(false)
})
