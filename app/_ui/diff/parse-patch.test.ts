import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { parsePatch, unquote } from './parse-patch.ts'

/** The patch real git makes of two states of a folder. */
function patchOf(before: (dir: string) => void, after: (dir: string) => void): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'patch-'))
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
      cwd: dir,
      encoding: 'utf8',
    })
  try {
    git('init', '-q')
    before(dir)
    git('add', '-A')
    git('commit', '-qm', 'before', '--allow-empty')
    after(dir)
    git('add', '-A')
    return git('diff', '--cached', '-M')
  } finally {
    rmSync(dir, { recursive: true })
  }
}

const write = (dir: string, name: string, content: string | Buffer) => {
  mkdirSync(path.dirname(path.join(dir, name)), { recursive: true })
  writeFileSync(path.join(dir, name), content)
}
const long = Array.from({ length: 30 }, (_, i) => `line ${i}`).join('\n')

test('added, changed, deleted, renamed, binary and mode-changed files are told apart', () => {
  const patch = patchOf(
    dir => {
      write(dir, 'changed.txt', `${long}\nold\n`)
      write(dir, 'deleted.txt', 'gone\n')
      write(dir, 'a/moved.txt', long)
      write(dir, 'run.sh', '#!/bin/sh\n')
    },
    dir => {
      write(dir, 'changed.txt', `${long}\nnew\nmore\n`)
      rmSync(path.join(dir, 'deleted.txt'))
      mkdirSync(path.join(dir, 'b'))
      renameSync(path.join(dir, 'a/moved.txt'), path.join(dir, 'b/moved.txt'))
      write(dir, 'added.txt', 'one\ntwo\n')
      write(dir, 'image.bin', Buffer.from([0, 1, 2, 0, 255]))
      chmodSync(path.join(dir, 'run.sh'), 0o755)
    },
  )
  const files = parsePatch(patch) ?? []
  expect(files.map(f => [f.path, f.status, f.insertions, f.deletions, f.isBinary])).toEqual([
    ['added.txt', 'added', 2, 0, false],
    ['b/moved.txt', 'renamed', 0, 0, false],
    ['changed.txt', 'modified', 2, 1, false],
    ['deleted.txt', 'deleted', 0, 1, false],
    ['image.bin', 'added', 0, 0, true],
    ['run.sh', 'modified', 0, 0, false],
  ])
  expect(files[1]?.oldPath).toBe('a/moved.txt')
  expect(files[5]?.modeChange).toBe('100644 → 100755')
})

test('lines carry their numbers on each side', () => {
  const patch = patchOf(
    dir => write(dir, 'f', 'a\nb\nc\n'),
    dir => write(dir, 'f', 'a\nB\nc\n'),
  )
  const lines = parsePatch(patch)?.[0]?.hunks[0]?.lines
  expect(lines?.map(l => [l.kind, l.before, l.after, l.text])).toEqual([
    ['same', 1, 1, 'a'],
    ['del', 2, null, 'b'],
    ['add', null, 2, 'B'],
    ['same', 3, 3, 'c'],
  ])
})

test('a name with a tab, a quote and letters beyond ASCII comes back as it is on disk', () => {
  const name = 'tab\there "ü".txt'
  const patch = patchOf(
    () => {},
    dir => write(dir, name, 'x\n'),
  )
  expect(parsePatch(patch)?.[0]?.path).toBe(name)
  expect(unquote('plain/name.txt')).toBe('plain/name.txt')
})

test('a patch that is cut in the middle still shows what came before the cut', () => {
  const patch = patchOf(
    () => {},
    dir => write(dir, 'f', `${long}\n`),
  )
  const [file] = parsePatch(patch.slice(0, patch.length - 60)) ?? []
  expect([file?.path, file?.insertions]).toEqual(['f', 24])
})

test('a line of a file that looks like the head of a diff is a line', () => {
  const patch = patchOf(
    dir => write(dir, 'f', '-- a/real\nx\n'),
    dir => write(dir, 'f', '++ b/faked\ndiff --git a/evil b/evil\n@@ -1 +1 @@\nx\n'),
  )
  const files = parsePatch(patch) ?? []
  expect(files.map(f => [f.path, f.insertions, f.deletions])).toEqual([['f', 3, 1]])
})

test('names with spaces, and files without a hunk, have their names', () => {
  const patch = patchOf(
    () => {},
    dir => {
      write(dir, 'two words.txt', 'x\n')
      write(dir, 'empty file', '')
      write(dir, 'bin ary', Buffer.from([0, 1]))
    },
  )
  expect(parsePatch(patch)?.map(f => f.path)).toEqual(['bin ary', 'empty file', 'two words.txt'])
})

test('what is no patch is not taken for one; nothing changed is an empty list', () => {
  expect(parsePatch('hello\nworld\n')).toBeNull()
  expect(parsePatch('')).toEqual([])
})
