import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSpawner } from '../workspace/spawner.ts'
import { createWorkspaces } from '../workspace/workspaces.ts'
import { createProjects, type Projects } from './check-project.ts'
import { findTool } from './find-tool.ts'
import { npmHint, pythonHint } from './install-hint.ts'
import { parseJsonc } from './js-project.ts'

let projects: Projects
beforeAll(async () => {
  projects = await createProjects()
})
afterAll(() => projects.close())

const WORKS = '#!/bin/sh\necho 1.0\n'
const npmTool = { program: 'some-tool', from: 'npm' } as const

test('the project’s own comes first, also from the folder of a workspace above, but not from beyond the repository', async () => {
  const own = await projects.make({ 'node_modules/.bin/some-tool': WORKS })
  expect(await findTool({ workspace: own }, npmTool)).toBe('node_modules/.bin/some-tool')

  const above = await projects.make({ 'node_modules/.bin/some-tool': WORKS })
  const workspaces = createWorkspaces({ dataDir: join(above.root, 'data'), spawner: createSpawner() })
  try {
    await mkdir(join(above.root, 'packages/a'), { recursive: true })
    const inside = await workspaces.open(join(above.root, 'packages/a'))
    expect(await findTool({ workspace: inside }, npmTool)).toBe('../../node_modules/.bin/some-tool')
    await mkdir(join(above.root, 'packages/.git'))
    expect(await findTool({ workspace: inside }, npmTool)).toBeNull()
  } finally {
    await workspaces.close()
  }
})

test('a virtual environment and vendor/bin count for their languages only', async () => {
  const workspace = await projects.make({
    '.venv/bin/some-tool': WORKS,
    'vendor/bin/other-tool': WORKS,
  })
  expect(await findTool({ workspace }, { program: 'some-tool', from: 'python' })).toBe('.venv/bin/some-tool')
  expect(await findTool({ workspace }, npmTool)).toBeNull()
  expect(await findTool({ workspace }, { program: 'other-tool', from: 'composer' })).toBe(
    'vendor/bin/other-tool',
  )
})

test('what is in PATH must run, and what npm put there for this server is not the project’s', async () => {
  const workspace = await projects.make({})
  expect(await findTool({ workspace }, { program: 'node', from: 'npm' })).toBe('node')
  expect(
    await findTool({ workspace }, { program: 'node', from: null, version: '--no-such-option' }),
  ).toBeNull()
  // These tests are started by npm, whose folder is in PATH.
  expect(await findTool({ workspace }, { program: 'vitest', from: 'npm' })).toBeNull()
})

test('a dangling link is no tool', async () => {
  const workspace = await projects.make({ 'node_modules/.bin/x': '' })
  await symlink('nowhere', join(workspace.root, 'node_modules/.bin/some-tool'))
  expect(await findTool({ workspace }, npmTool)).toBeNull()
})

test('the package manager of the project installs', async () => {
  const hint = async (lock: string) => npmHint(await projects.make({ [lock]: '' }), 'vitest')
  expect(await hint('bun.lock')).toMatch(/: bun add -d vitest$/)
  expect(await hint('pnpm-lock.yaml')).toMatch(/: pnpm add -D vitest$/)
  expect(await hint('yarn.lock')).toMatch(/: yarn add -D vitest$/)
  expect(await hint('package-lock.json')).toMatch(/: npm install -D vitest$/)
  const declared = { 'package.json': '{"devDependencies":{"vitest":"4"}}', 'pnpm-lock.yaml': '' }
  expect(await npmHint(await projects.make(declared), 'vitest')).toBe(
    'vitest is in package.json but not installed: run pnpm install in the project',
  )
  const python = async (file: string) => pythonHint(await projects.make({ [file]: '' }), 'mypy')
  expect(await python('uv.lock')).toMatch(/uv add --dev mypy$/)
  expect(await python('poetry.lock')).toMatch(/poetry add --group dev mypy$/)
  expect(await python('.venv/bin/python')).toMatch(/: \.venv\/bin\/pip install mypy$/)
})

test('JSON with comments is read, and what looks like one inside a string stays', () => {
  expect(parseJsonc('{ // a\n "a": "http://x", /* b */ "b": [1, 2,], }')).toEqual({
    a: 'http://x',
    b: [1, 2],
  })
  expect(parseJsonc('{')).toBeUndefined()
})
