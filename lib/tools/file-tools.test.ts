import { chmod, mkdir, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fileList } from './file-list.ts'
import { filePatch } from './file-patch.ts'
import { fileRead } from './file-read.ts'
import { fileWrite } from './file-write.ts'
import { type TestTools, testTools } from './test-tools.ts'

let tools: TestTools
beforeEach(async () => {
  tools = await testTools()
})
afterEach(() => tools.close())

describe('file_read', () => {
  test('numbers the lines', async () => {
    await tools.write('a.txt', 'one\ntwo\n\nfour')
    expect((await tools.call(fileRead, { path: 'a.txt' })).output).toBe('1\tone\n2\ttwo\n3\t\n4\tfour')
  })

  test('reads a part and says how to go on', async () => {
    await tools.write('a.txt', Array.from({ length: 10 }, (_, index) => `line ${index + 1}\n`).join(''))
    const result = await tools.call(fileRead, { path: 'a.txt', offset: 4, limit: 2 })
    expect(result.output).toBe('4\tline 4\n5\tline 5\n[lines 4 to 5 of 10; continue with offset=6]')
    expect(result.truncated).toBe(true)
    expect((await tools.call(fileRead, { path: 'a.txt', offset: 10 })).output).toBe('10\tline 10')
    await expect(tools.call(fileRead, { path: 'a.txt', offset: 11 })).rejects.toThrow('has only 10 lines')
  })

  test('stops a long file and cuts long lines', async () => {
    await tools.write('long.txt', `${'x'.repeat(5000)}\n`.repeat(100))
    const { output } = await tools.call(fileRead, { path: 'long.txt' })
    expect(output.length).toBeLessThan(70_000)
    expect(output).toContain('[… 3000 characters of this line left out …]')
    expect(output).toMatch(/\[lines 1 to \d+ of 100; continue with offset=\d+\]$/)
  })

  test('says what it cannot read', async () => {
    await tools.write('empty', '')
    await tools.write('image.png', Uint8Array.of(1, 0, 2))
    expect((await tools.call(fileRead, { path: 'empty' })).output).toBe('[the file is empty]')
    await expect(tools.call(fileRead, { path: 'image.png' })).rejects.toThrow(
      'image.png is a binary file (3 bytes)',
    )
    await expect(tools.call(fileRead, { path: 'nothing' })).rejects.toThrow('nothing does not exist')
    await expect(tools.call(fileRead, { path: '/etc/passwd' })).rejects.toThrow('leads outside the project')
  })

  test('mentions CRLF line endings without showing them', async () => {
    await tools.write('dos.txt', 'one\r\ntwo\r\n')
    expect((await tools.call(fileRead, { path: 'dos.txt' })).output).toBe(
      '1\tone\n2\ttwo\n[line endings are CRLF; file_patch keeps them]',
    )
  })
})

describe('file_write', () => {
  test('creates a file with its folders, replaces it, and says so', async () => {
    const created = await tools.call(fileWrite, { path: 'a/b.txt', content: 'one\ntwo\n' })
    expect(created.output).toBe('Created a/b.txt (2 lines).')
    const replaced = await tools.call(fileWrite, { path: 'a/b.txt', content: 'one\n2\nthree\n' })
    expect(replaced.output).toBe('Replaced a/b.txt (+2 -1 lines).')
    expect(replaced.details).toMatchObject({
      insertions: 2,
      deletions: 1,
      diff: '@@ -1,2 +1,3 @@\n one\n-two\n+2\n+three',
    })
    expect(await tools.read('a/b.txt')).toBe('one\n2\nthree\n')
    const again = await tools.call(fileWrite, { path: 'a/b.txt', content: 'one\n2\nthree\n' })
    expect(again.output).toContain('nothing was changed')
  })

  test('keeps the mode of what it replaces, also of a binary file', async () => {
    await tools.write('run', Uint8Array.of(0, 255))
    await chmod(join(tools.workspace.root, 'run'), 0o755)
    await tools.call(fileWrite, { path: 'run', content: '#!/bin/sh\n' })
    expect((await stat(join(tools.workspace.root, 'run'))).mode & 0o777).toBe(0o755)
  })

  test('refuses what the agent may not write', async () => {
    const refused = {
      '../x': 'leads outside',
      '.git/config': 'belongs to git',
      '.retrai.yml': 'settings of this run',
    }
    for (const [path, why] of Object.entries(refused)) {
      await expect(tools.call(fileWrite, { path, content: 'x' })).rejects.toThrow(why)
    }
  })
})

describe('file_patch', () => {
  const patch = (old_text: string, new_text: string, more = {}) =>
    tools.call(filePatch, { path: 'a.txt', old_text, new_text, ...more })

  test('replaces a text and shows the difference', async () => {
    await tools.write('a.txt', 'one\ntwo\nthree\n')
    const result = await patch('two\n', '2\n2b\n')
    expect(result.output).toBe('Changed a.txt at line 2 (+2 -1 lines).')
    expect(result.details).toMatchObject({ diff: '@@ -1,3 +1,4 @@\n one\n-two\n+2\n+2b\n three' })
    expect(await tools.read('a.txt')).toBe('one\n2\n2b\nthree\n')
  })

  test('takes the new text as it is', async () => {
    await tools.write('a.txt', 'price')
    await patch('price', "$& $1 $' $`")
    expect(await tools.read('a.txt')).toBe("$& $1 $' $`")
  })

  test('names the places when there is more than one, or replaces all', async () => {
    await tools.write('a.txt', 'x = 1\ny = 2\nx = 1\n')
    await expect(patch('x = 1', 'x = 3')).rejects.toThrow(
      'old_text occurs 2 times in a.txt, at lines 1, 3. Add lines',
    )
    expect((await patch('x = 1', 'x = 3', { replace_all: 'true' })).output).toBe(
      'Changed a.txt at 2 places (+2 -2 lines).',
    )
    expect(await tools.read('a.txt')).toBe('x = 3\ny = 2\nx = 3\n')
  })

  test('keeps CRLF line endings, a byte order mark and the mode', async () => {
    await tools.write('a.txt', '\uFEFFone\r\ntwo\r\nthree\r\n')
    await chmod(join(tools.workspace.root, 'a.txt'), 0o640)
    await patch('one\ntwo\n', 'one\n2\n2b\n')
    expect(await tools.read('a.txt')).toBe('\uFEFFone\r\n2\r\n2b\r\nthree\r\n')
    await patch('three', 'four\nfive')
    expect(await tools.read('a.txt')).toBe('\uFEFFone\r\n2\r\n2b\r\nfour\r\nfive\r\n')
    expect((await stat(join(tools.workspace.root, 'a.txt'))).mode & 0o777).toBe(0o640)
  })

  test('says when only whitespace differs, and shows the tabs', async () => {
    await tools.write('a.txt', 'function f() {\n\treturn 1\n}\n')
    await expect(patch('function f() {\n  return 1\n}', 'x')).rejects.toThrow(
      'old_text is not in a.txt. It differs only in whitespace from lines 1 to 3; copy them exactly:\n1\tfunction f() {\n2\t→return 1\n3\t}\n(→ is a tab)',
    )
  })

  test('shows the nearest lines when it is not there', async () => {
    await tools.write('a.txt', 'first\nconst total = price * count\nlast\n')
    await expect(patch('const total = prices * counts', 'x')).rejects.toThrow(
      /The nearest lines are:\n1\tfirst\n2\tconst total = price \* count\n3\tlast/,
    )
    await expect(patch('nothing like it at all', 'x')).rejects.toThrow('Nothing in the file looks like it')
    await expect(patch('2\tconst total = price * count', 'x')).rejects.toThrow(
      'line numbers that file_read shows',
    )
  })

  test('refuses what makes no sense', async () => {
    await tools.write('a.txt', 'one')
    await expect(patch('', 'x')).rejects.toThrow('old_text is empty')
    await expect(patch('one', 'one')).rejects.toThrow('the same')
    await tools.write('a.txt', Uint8Array.of(0xff, 0xfe, 0x41))
    await expect(patch('A', 'B')).rejects.toThrow('not UTF-8 text')
  })

  test('keeps the diff for people small', async () => {
    await tools.write('a.txt', 'a long enough line\n'.repeat(5000))
    const result = await patch('long', 'short', { replace_all: true })
    expect(Buffer.byteLength(String(result.details?.diff))).toBeLessThan(8300)
  })
})

describe('file_list', () => {
  test('shows a tree with sizes, and does not open what nobody wrote', async () => {
    await tools.write('src/deep/er/x.ts', '')
    await tools.write('src/a.ts', 'x'.repeat(1500))
    await tools.write('node_modules/m/index.js', '')
    await symlink('src', join(tools.workspace.root, 'alias'))
    expect((await tools.call(fileList, {})).output).toBe(
      ['.keep  0 B', 'alias  link', 'node_modules/  (not opened)', 'src/', '  a.ts  1.5 kB', '  deep/'].join(
        '\n',
      ),
    )
    expect((await tools.call(fileList, { path: 'node_modules', depth: 3 })).output).toBe(
      'm/\n  index.js  0 B',
    )
  })

  test('stops at 500 entries and says how to see more', async () => {
    for (let index = 0; index < 510; index++) await tools.write(`many/${index}`, '')
    const { output, truncated } = await tools.call(fileList, { path: 'many' })
    expect(truncated).toBe(true)
    expect(output.split('\n')).toHaveLength(501)
    expect(output).toMatch(/\[more than 500 entries; .*find_files\]$/)
  })

  test('says when there is nothing, or no directory', async () => {
    await mkdir(join(tools.workspace.root, 'empty'))
    expect((await tools.call(fileList, { path: 'empty' })).output).toBe('[the directory is empty]')
    await expect(tools.call(fileList, { path: '.keep' })).rejects.toThrow(
      '.keep is a file; read it with file_read.',
    )
    await expect(tools.call(fileList, { path: '..' })).rejects.toThrow('leads outside')
  })
})
