import { expect, it } from 'vitest'
import type { FileChange, Workspace } from '../workspace/workspace.ts'
import { suppressionFlags } from './suppressions.ts'

/** Two snapshots as plain texts. */
async function flags(before: Record<string, string>, after: Record<string, string>) {
  const trees: Record<string, Record<string, string>> = { base: before, tree: after }
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const statusOf = (path: string): FileChange['status'] =>
    path in before ? (path in after ? 'modified' : 'deleted') : 'added'
  const workspace = {
    changes: async () => paths.map(path => ({ path, status: statusOf(path), mode: '100644' })),
    fileAt: async (tree: string, path: string) => {
      const text = trees[tree]?.[path]
      return text === undefined ? null : Buffer.from(text)
    },
  } as unknown as Workspace // all that is asked of it
  const given = { workspace, base: 'base', tree: 'tree', signal: new AbortController().signal }
  return suppressionFlags(given, /# type: ignore/, ['tests/**'])
}

it('more silenced findings than at the start block, with their places', async () => {
  const found = await flags({ 'a.py': 'x\n' }, { 'a.py': 'x\ny  # type: ignore\n' })
  expect(found).toMatchObject([{ code: 'suppression_added', path: 'a.py', blocks: true }])
  expect(found[0]?.detail).toContain('a.py:2')
})

it('one that moved, that was there, or that stands in a test is no matter', async () => {
  expect(await flags({ 'a.py': 'y # type: ignore\n' }, { 'b.py': 'z\ny # type: ignore\n' })).toEqual([])
  expect(await flags({}, { 'tests/a.py': 'y # type: ignore\n' })).toEqual([])
  expect(await flags({ 'a.py': 'y # type: ignore\n' }, { 'a.py': 'y\n' })).toEqual([])
})
