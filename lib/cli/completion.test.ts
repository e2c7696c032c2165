// Completion scripts, tried in a real bash; for the other shells their text.
import { spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { tempFolder } from '#lib/testing/temp-folder'
import { runCommand } from './main.ts'

async function script(shell: string): Promise<string> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  await runCommand(['completion', shell], {
    root: '/',
    version: '0',
    env: { NODE_ENV: 'test', RETRAI_SERVER: 'http://127.0.0.1:1' },
    cwd: '/',
    stdin,
    stdout,
    stderr,
    ensureBuild: () => Promise.reject(new Error('no build is needed')),
  })
  return String(stdout.read())
}

const folder = () => {
  const made = tempFolder('completion')
  // What lists runs, as the real one does without a terminal.
  const fake = path.join(made, 'retrai')
  writeFileSync(fake, "#!/bin/sh\nprintf '550e8400-aaaa\\trunning\\tx\\n7c9e6679-bbbb\\tfailed\\ty\\n'\n")
  chmodSync(fake, 0o755)
  return made
}

async function completed(line: string): Promise<string[]> {
  const words = line.split(' ')
  const home = folder()
  const file = path.join(home, 'completion.bash')
  writeFileSync(
    file,
    `${await script('bash')}\nCOMP_WORDS=(${words.map(word => `'${word}'`).join(' ')})\nCOMP_CWORD=${words.length - 1}\n_retrai\nprintf '%s\\n' "\${COMPREPLY[@]}"\n`,
  )
  const { stdout, stderr, status } = spawnSync('bash', ['--noprofile', '--norc', file], {
    cwd: home,
    env: { NODE_ENV: 'test', PATH: `${home}:${process.env.PATH}` },
    encoding: 'utf8',
  })
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  return stdout.split('\n').filter(word => word !== '')
}

test.each([
  ['retrai re', ['rerun']],
  ['retrai --server x co', ['compare', 'config', 'completion']],
  ['retrai run --on-gate ', ['prompt', 'wait', 'exit', 'approve', 'abort']],
  ['retrai run --json --on-gate a', ['approve', 'abort']],
  ['retrai show 55', ['550e8400-aaaa']],
  ['retrai logs ', ['last', '550e8400-aaaa', '7c9e6679-bbbb']],
  ['retrai completion z', ['zsh']],
  ['retrai help dem', ['demo']],
  ['retrai logs --ta', ['--tail']],
  ['retrai logs --js', ['--json']],
  ['retrai diff --it', ['--iter', '--iteration']],
  ['retrai export last --format ju', ['junit']],
])('bash: %j', async (line, words) => {
  expect(await completed(line)).toEqual(words)
})

test('bash completes directories where one is meant', async () => {
  const words = await completed('retrai run -C /us')
  expect(words).toContain('/usr')
})

test.each(['bash', 'zsh', 'fish'])('%s knows every command and the values of options', async shell => {
  const text = await script(shell)
  for (const name of ['run', 'rerun', 'compare', 'watch', 'doctor', 'completion'])
    expect(text).toContain(name)
  expect(text).toContain('enforce report off')
  expect(text).not.toContain('end-with-parent') // not for people
  // Quotes that do not close would take the rest of the file in.
  const unquoted = text.replace(/^#.*$/gm, '').replaceAll("'\\''", '').replaceAll("\\'", '')
  expect(unquoted.split("'").length % 2).toBe(1)
})
