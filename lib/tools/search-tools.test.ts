import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findFiles } from './find-files.ts'
import { grepSearch } from './grep-search.ts'
import { type TestTools, testTools } from './test-tools.ts'

let tools: TestTools
beforeEach(async () => {
  tools = await testTools()
  await tools.write('.gitignore', 'dist/\n*.log\n!keep.log\n/only-here\n')
  await tools.write('src/a.ts', 'import x\nexport function load() {}\n  return LOAD\n')
  await tools.write('src/deep/b.ts', 'load()\r\n')
  await tools.write('src/deep/c.py', 'load = 1\n')
  await tools.write('dist/out.ts', 'load\n')
  await tools.write('debug.log', 'load\n')
  await tools.write('keep.log', 'load\n')
  await tools.write('only-here/x.ts', 'load\n')
  await tools.write('src/only-here/x.ts', 'nothing\n')
  await tools.write('node_modules/m/a.ts', 'load\n')
  await tools.write('image.bin', Uint8Array.of(0, 108, 111, 97, 100))
  await tools.folder.write('outside/secret.ts', 'load secret\n')
  await symlink('../outside', join(tools.workspace.root, 'link'))
  await symlink('../outside/secret.ts', join(tools.workspace.root, 'link.ts'))
})
afterEach(() => tools.close())

const lines = (output: string) => output.split('\n')

describe('find_files', () => {
  test('finds by name anywhere, or by path', async () => {
    const found = async (input: object) => lines((await tools.call(findFiles, input)).output)
    expect(await found({ glob: '*.ts' })).toEqual(['src/a.ts', 'src/deep/b.ts', 'src/only-here/x.ts'])
    expect(await found({ glob: 'src/*.ts' })).toEqual(['src/a.ts'])
    expect(await found({ glob: '**/deep/*.{ts,py}' })).toEqual(['src/deep/b.ts', 'src/deep/c.py'])
    expect(await found({ glob: '*.ts', path: 'src/deep' })).toEqual(['src/deep/b.ts'])
    expect(await found({ glob: 'deep/*.py', path: 'src' })).toEqual(['src/deep/c.py'])
    expect(await found({ glob: '*.log' })).toEqual(['keep.log'])
    expect(await found({ glob: '.keep' })).toEqual(['.keep'])
  })

  test('looks into dependency folders when asked by name', async () => {
    expect((await tools.call(findFiles, { glob: '*.ts', path: 'node_modules' })).output).toBe(
      'node_modules/m/a.ts',
    )
  })

  test('says what to try when nothing matches, and refuses to leave', async () => {
    expect((await tools.call(findFiles, { glob: '*.rs' })).output).toContain('No file matches *.rs.')
    await expect(tools.call(findFiles, { glob: '*', path: '../outside' })).rejects.toThrow('leads outside')
    await expect(tools.call(findFiles, { glob: '*', path: 'link' })).rejects.toThrow('leads outside')
  })

  test('counts what it does not list', async () => {
    for (let index = 0; index < 310; index++) await tools.write(`many/${index}.txt`, '')
    const result = await tools.call(findFiles, { glob: '*.txt' })
    expect(result).toMatchObject({ truncated: true, details: { total: 310 } })
    expect(result.output).toMatch(/\[10 more of 310; use a narrower glob or path\]$/)
  })
})

describe('grep_search', () => {
  const search = async (input: object) => (await tools.call(grepSearch, input)).output

  test('gives path, line and text, without what is ignored, binary or outside', async () => {
    expect(lines(await search({ pattern: 'load' }))).toEqual([
      'keep.log:1:load',
      'src/a.ts:2:export function load() {}',
      'src/deep/b.ts:1:load()',
      'src/deep/c.py:1:load = 1',
    ])
  })

  test('understands expressions, case, globs, folders and single files', async () => {
    expect(await search({ pattern: '^\\s+return\\s', path: 'src' })).toBe('src/a.ts:3:  return LOAD')
    expect(lines(await search({ pattern: 'LOAD', ignore_case: true, glob: '*.ts' }))).toHaveLength(3)
    expect(lines(await search({ pattern: '(?i)LOAD', glob: '*.ts' }))).toHaveLength(3)
    expect(await search({ pattern: 'load(?=\\(\\)$)', glob: 'src/deep/**' })).toBe('src/deep/b.ts:1:load()')
    expect(await search({ pattern: 'load', path: 'src/deep/c.py' })).toBe('src/deep/c.py:1:load = 1')
    expect(await search({ pattern: 'l\\oad\\ =', path: 'src/deep/c.py' })).toBe('src/deep/c.py:1:load = 1')
  })

  test('shows context', async () => {
    expect(await search({ pattern: 'function', context: 1 })).toBe(
      'src/a.ts-1-import x\nsrc/a.ts:2:export function load() {}\nsrc/a.ts-3-  return LOAD',
    )
  })

  test('says what is wrong with an expression, and when nothing matches', async () => {
    await expect(search({ pattern: '(' })).rejects.toThrow(/Invalid regular expression/)
    expect(await search({ pattern: 'nowhere' })).toContain('No line matches.')
    expect(await search({ pattern: 'x', glob: '*.rs' })).toBe('No file matches the glob *.rs.')
  })

  test('counts what it does not show, and cuts long lines', async () => {
    await tools.write('many.txt', 'hit\n'.repeat(500))
    await tools.write('long.txt', `needle ${'x'.repeat(5000)}`)
    expect(await search({ pattern: 'hit' })).toMatch(/\[200 of 500 matching lines shown; narrow it/)
    expect((await search({ pattern: 'needle' })).length).toBeLessThan(350)
  })

  test('leaves the server free while an expression takes for ever, and is stopped by an abort', async () => {
    await tools.write('evil.txt', `${'a'.repeat(40)}!\n`)
    const controller = new AbortController()
    const searching = tools.call(grepSearch, { pattern: '^(a+)+$', path: 'evil.txt' }, controller.signal)
    let longest = 0
    for (let last = performance.now(), end = last + 500; last < end; ) {
      await new Promise(resolve => setTimeout(resolve, 5))
      longest = Math.max(longest, performance.now() - last)
      last = performance.now()
    }
    controller.abort(new Error('enough'))
    await expect(searching).rejects.toThrow('enough')
    expect(longest).toBeLessThan(250)
  })
})
