import { describe, expect, test } from 'vitest'
import { parsePatch } from '../../_ui/diff/parse-patch.ts'
import { fileTree } from './file-tree.ts'
import { isTestFile } from './is-test-file.ts'
import { commentsNote, readComments } from './line-comments.ts'
import { digestOf, readViewed, withViewed } from './viewed-files.ts'

const patchOf = (line: string) =>
  parsePatch(`diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-old\n+${line}\n`)![0]!

describe('viewed files', () => {
  test('a file that changes again is not viewed any more', () => {
    const viewed = withViewed([], digestOf(patchOf('one')), true)
    expect(viewed).toContain(digestOf(patchOf('one')))
    expect(viewed).not.toContain(digestOf(patchOf('two')))
    expect(withViewed(viewed, digestOf(patchOf('one')), false)).toEqual([])
  })
  test('what storage holds is not trusted', () => {
    for (const kept of ['', 'x', '{}', '[1,null]']) expect(readViewed(kept)).toEqual([])
    for (const kept of ['', 'x', '{}', '[1,{"id":1}]']) expect(readComments(kept)).toEqual([])
    expect(withViewed(Array.from({ length: 3000 }, String), 'x', true)).toHaveLength(1000)
  })
})

test('comments become one note that names file, line and code', () => {
  const comment = { id: '1', path: 'src/a.ts', at: 'L42', code: '  return x', text: 'Why not y?' }
  expect(commentsNote([comment, { ...comment, at: 'B7' }])).toBe(
    'Comments on the changes:\n\nsrc/a.ts:42\n> return x\nWhy not y?\n\nsrc/a.ts, line 7 before the change\n> return x\nWhy not y?',
  )
})

test.each([
  ['tests/unit/a.py', 'src/__tests__/a.js', 'a/test_cart.py', 'conftest.py', 'src/a.test.ts', 'a.spec.tsx'],
  ['pkg/a_test.go', 'src/test/java/ATest.java', 'spec/models/a_spec.rb', 'CartTests.cs', 'e2e/x.ts'],
])('tests by their path: %s …', (...paths) => {
  for (const path of paths) expect(isTestFile(path), path).toBe(true)
})
test('what only sounds like a test is none', () => {
  for (const path of ['src/latest.ts', 'src/contest/a.ts', 'testing.md', 'src/attest.go', 'protest.py'])
    expect(isTestFile(path), path).toBe(false)
})

test('files are a tree, folders with one folder in them are one', () => {
  const file = (path: string) => ({
    path,
    status: 'modified' as const,
    insertions: 1,
    deletions: 2,
    binary: false,
  })
  const tree = fileTree([file('src/deep/er/a.ts'), file('src/deep/er/b.ts'), file('z.txt'), file('src/c.ts')])
  expect(tree.map(node => [node.depth, node.kind, node.name, node.insertions])).toEqual([
    [0, 'folder', 'src', 3],
    [1, 'folder', 'deep/er', 2],
    [2, 'file', 'a.ts', 1],
    [2, 'file', 'b.ts', 1],
    [1, 'file', 'c.ts', 1],
    [0, 'file', 'z.txt', 1],
  ])
  expect(
    fileTree([file('a/b/../c'), file('/x'), file('__proto__/y')]).filter(n => n.kind === 'file'),
  ).toHaveLength(3)
})
