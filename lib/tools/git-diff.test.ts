import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { gitDiff } from './git-diff.ts'
import { type TestTools, testTools } from './test-tools.ts'

let tools: TestTools
beforeEach(async () => {
  tools = await testTools()
})
afterEach(() => tools.close())

describe('git_diff', () => {
  test('shows what changed since the run began, new files included', async () => {
    await tools.write('src/a.ts', 'new\n')
    await rm(join(tools.workspace.root, '.keep'))
    const { output } = await tools.call(gitDiff, {})
    expect(output).toMatch(/^2 files changed, \+1 -0\ndeleted \.keep \+0 -0\nadded src\/a\.ts \+1 -0\n\n/)
    expect(output).toContain('+++ b/src/a.ts\n@@ -0,0 +1 @@\n+new')
  })

  test('shows only a file or folder when asked', async () => {
    for (const name of ['src/a.ts', 'src/b/c.ts', 'srcs/d.ts']) await tools.write(name, `${name} text\n`)
    const folder = (await tools.call(gitDiff, { path: './src/' })).output
    expect(folder).toContain('+src/a.ts text')
    expect(folder).toContain('+src/b/c.ts text')
    expect(folder).not.toContain('srcs')
    const file = (await tools.call(gitDiff, { path: 'srcs/d.ts' })).output
    expect(file).toContain('+srcs/d.ts text')
    expect(file).not.toContain('src/a.ts')
  })

  test('says when nothing changed', async () => {
    expect((await tools.call(gitDiff, {})).output).toBe('Nothing has changed yet.')
    await tools.write('a', 'x')
    expect((await tools.call(gitDiff, { path: 'b' })).output).toBe('Nothing changed in b.')
  })

  test('says why there is no diff, and what to use', async () => {
    const without = await testTools({ PATH: '/nowhere' })
    await expect(without.call(gitDiff, {})).rejects.toThrow(
      /git is not installed.*Use git diff with bash_exec/,
    )
    await without.close()
  })
})
