// Small projects with a fault, in folders of their own, and what a model says that repairs them.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type Answer, text, toolUse, turn } from './messages-script.ts'
import { temporaryDirectory } from './server.ts'

export interface Project {
  path: string
  remove(): Promise<void>
}

export async function makeProject(files: Record<string, string>): Promise<Project> {
  const root = await temporaryDirectory('retrai-project-')
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true })
    await writeFile(path.join(root, name), content)
  }
  return { path: root, remove: () => rm(root, { recursive: true, force: true, maxRetries: 5 }) }
}

/** `node --test` with one test that fails and one that passes. */
export const NODE_PROJECT = {
  'package.json': '{ "name": "sums", "type": "module", "scripts": { "test": "node --test" } }\n',
  'src/add.mjs': 'export const add = (a, b) => a - b\n',
  'test/add.test.mjs': `import assert from 'node:assert'
import { test } from 'node:test'
import { add } from '../src/add.mjs'

test('adds two numbers', () => assert.equal(add(2, 3), 5))
test('adds nothing', () => assert.equal(add(2, 0), 2))
`,
}

export const PYTEST_PROJECT = {
  'calc.py': 'def add(a, b):\n    return a - b\n',
  'test_calc.py':
    'from calc import add\n\n\ndef test_add():\n    assert add(2, 3) == 5\n\n\ndef test_nothing():\n    assert add(2, 0) == 2\n',
}

/** A check that any command line can be: it passes once app.txt says so. */
export const SHELL_PROJECT = {
  'app.txt': 'broken\n',
  'check.sh': 'grep -q works app.txt || { echo "app.txt does not say works"; exit 1; }\necho fine\n',
}

/** The goal of a SHELL_PROJECT. */
export const SHELL_GOAL = { goal: 'make it work', check_command: 'sh check.sh' }

export const patch = (file: string, oldText: string, newText: string) =>
  toolUse('file_patch', { path: file, old_text: oldText, new_text: newText })
export const bash = (command: string) => toolUse('bash_exec', { command })
export const runCheck = () => toolUse('run_check', {})

/** Repairs a SHELL_PROJECT in two turns. */
export const repairShell: Answer[] = [
  turn([
    text('I look at the file, and say that it works.'),
    bash('cat app.txt'),
    patch('app.txt', 'broken', 'works'),
  ]),
  turn([text('app.txt says works now.')]),
]

/** Does nothing useful in its first iteration, and repairs a SHELL_PROJECT in its second. */
export const repairShellAtSecond: Answer[] = [
  turn([text('A note first.'), toolUse('file_write', { path: 'notes.txt', content: 'looked at it\n' })]),
  turn([text('I have only looked so far.')]),
  turn([text('Now the repair.'), patch('app.txt', 'broken', 'works')]),
  turn([text('app.txt says works now.')]),
]
