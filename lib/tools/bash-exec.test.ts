import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LIMITS } from '#lib/limits'
import { processesWith, uniqueSeconds } from '#lib/workspace/test-folder'
import { bashExec } from './bash-exec.ts'
import { type TestTools, testTools } from './test-tools.ts'

let tools: TestTools
beforeEach(async () => {
  tools = await testTools()
})
afterEach(() => tools.close())

describe('bash_exec', () => {
  test('gives output and exit code; that a command fails is no error of the tool', async () => {
    const result = await tools.call(bashExec, { command: 'echo out; echo err >&2; exit 3' })
    expect(result).toMatchObject({ output: 'out\nerr\n[exit code 3]', exitCode: 3, isError: false, bytes: 8 })
  })

  test('says when there was no output', async () => {
    expect((await tools.call(bashExec, { command: 'true' })).output).toBe('[no output]\n[exit code 0]')
  })

  test('runs in a folder of the project, and in none outside', async () => {
    await tools.write('sub/x', '')
    expect((await tools.call(bashExec, { command: 'ls', cwd: 'sub' })).output).toBe('x\n[exit code 0]')
    await expect(tools.call(bashExec, { command: 'ls', cwd: '..' })).rejects.toThrow(
      'leads outside the project',
    )
  })

  test('says what to do after a timeout, and keeps what was printed', async () => {
    const seconds = uniqueSeconds()
    const result = await tools.call(bashExec, {
      command: `echo begun; sleep ${seconds}`,
      timeout_seconds: '1',
    })
    expect(result.output).toMatch(
      /^begun\n\[timed out after 1 s; it and everything it started was killed\. Raise/,
    )
    expect(result).toMatchObject({ exitCode: null, isError: false, details: { timed_out: true } })
    expect(await processesWith(seconds)).toEqual([])
  })

  test('takes as long as was decided if it says nothing, and no longer than the most', () => {
    const secondsOf = (timeout_seconds?: number) =>
      bashExec.input.safeParse({ command: 'true', timeout_seconds }).data?.timeout_seconds
    expect(secondsOf()).toBe(LIMITS.commandSeconds)
    expect(secondsOf(LIMITS.commandMaxSeconds)).toBe(LIMITS.commandMaxSeconds)
    expect(secondsOf(LIMITS.commandMaxSeconds + 1)).toBeUndefined()
  })

  test('says which signal ended a command', async () => {
    expect((await tools.call(bashExec, { command: 'kill -SEGV $$' })).output).toContain('[killed by SIGSEGV]')
  })

  test('cuts long output for the model and tells its true size', async () => {
    const result = await tools.call(bashExec, { command: 'seq 1 1000000; echo the end' })
    expect(result).toMatchObject({ truncated: true, bytes: 6_888_904 })
    expect(result.output.length).toBeLessThan(31_000)
    expect(result.output).toMatch(/^1\n2\n/)
    expect(result.output).toMatch(/the end\n\[output cut; it had 6,888,904 bytes\]\n\[exit code 0\]$/)
  })

  test('shows output live, and the model only what a terminal would show in the end', async () => {
    const command = `printf '\\033[31mred\\033[0m\\n10%%\\r50%%\\r100%%\\nline\\r\\n'`
    const result = await tools.call(bashExec, { command })
    expect(result.output).toBe('red\n100%\nline\n[exit code 0]')
    expect(tools.progress.join('')).toContain('\u001b[31mred')
  })

  test('rejects when aborted, with nothing left running', async () => {
    const seconds = uniqueSeconds()
    const signal = AbortSignal.timeout(200)
    await expect(tools.call(bashExec, { command: `sleep ${seconds}` }, signal)).rejects.toThrow(
      'aborted due to timeout',
    )
    expect(await processesWith(seconds)).toEqual([])
  })
})
