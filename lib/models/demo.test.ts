// The bundled script really repairs the bundled project: its edits, applied one by one, turn the tests green.
import { spawn } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { z } from 'zod'
import { createScripts } from './scripts.ts'

const project = fileURLToPath(new URL('../demo/project/', import.meta.url))
const Args = z.object({
  path: z.string().optional(),
  old_text: z.string().optional(),
  new_text: z.string().optional(),
})

let folder: string | null = null
afterEach(async () => {
  if (folder !== null) await rm(folder, { recursive: true })
  folder = null
})

async function testsIn(cwd: string): Promise<{ passed: number; failed: number }> {
  // Inside a test run Node would report to the outer one; and vitest's own settings are none of the project's.
  const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...env } = process.env
  const child = spawn(process.execPath, ['--test', '--test-reporter=tap'], { cwd, env })
  let output = ''
  for await (const chunk of child.stdout) output += chunk
  const count = (name: string) => Number(new RegExp(`^# ${name} (\\d+)$`, 'm').exec(output)?.[1])
  return { passed: count('pass'), failed: count('fail') }
}

it('goes from red over fewer failures to green, in two iterations', async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-'))
  await cp(project, folder, { recursive: true })
  expect(await testsIn(folder)).toEqual({ passed: 9, failed: 5 })

  const ends: { passed: number; failed: number }[] = []
  for (const turn of createScripts().get('demo').turns) {
    for (const { tool, args } of turn.tool_calls) await apply(folder, tool, Args.parse(args))
    const isEnd = turn.tool_calls.length === 0 || turn.tool_calls.some(call => call.tool === 'run_check')
    if (isEnd) ends.push(await testsIn(folder))
  }
  expect(ends).toEqual([
    { passed: 12, failed: 2 },
    { passed: 14, failed: 0 },
  ])
})

async function apply(root: string, tool: string, args: z.infer<typeof Args>): Promise<void> {
  if (tool === 'bash_exec' || tool === 'run_check') return
  const path = join(root, args.path ?? 'no path given')
  if (tool !== 'file_patch') {
    await stat(path)
    return
  }
  const before = await readFile(path, 'utf8')
  const pieces = before.split(args.old_text ?? 'no text given')
  expect(pieces, `${args.path} has the text to replace exactly once`).toHaveLength(2)
  await writeFile(path, pieces.join(args.new_text ?? ''))
}

it('never touches a test', () => {
  const paths = createScripts()
    .get('demo')
    .turns.flatMap(turn => turn.tool_calls)
    .filter(call => call.tool === 'file_patch' || call.tool === 'file_write')
    .map(call => Args.parse(call.args).path)
  expect(paths).toEqual(['src/money.mjs', 'src/cart.mjs', 'src/discount.mjs'])
})
