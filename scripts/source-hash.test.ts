import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { tempFolder } from '#lib/testing/temp-folder'

type SourceHash = (root: string, entries: string[]) => string
// By a computed name: a plain script has no types, and this is its type.
const { sourceHash } = (await import(new URL('./source-hash.mjs', import.meta.url).href)) as {
  sourceHash: SourceHash
}

function sources() {
  const root = tempFolder('sources')
  const write = (file: string, content: string) => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true })
    writeFileSync(path.join(root, file), content)
  }
  write('lib/a.ts', 'export const a = 1\n')
  write('lib/deep/b.tsx', 'export const b = 2\n')
  write('server.ts', 'import "./lib/a.ts"\n')
  return { root, write, hash: () => sourceHash(root, ['lib', 'server.ts', 'not-there']) }
}

test.each<[string, (s: ReturnType<typeof sources>) => void]>([
  ['a changed file', s => s.write('lib/a.ts', 'export const a = 3\n')],
  ['a new file', s => s.write('lib/deep/c.css', 'a {}\n')],
  ['a removed file', s => rmSync(path.join(s.root, 'lib/a.ts'))],
  [
    'content moved to another file',
    s => {
      s.write('lib/a.ts', 'export const b = 2\n')
      s.write('lib/deep/b.tsx', 'export const a = 1\n')
    },
  ],
])('%s makes a build out of date', (_, change) => {
  const all = sources()
  const before = all.hash()
  change(all)
  expect(all.hash()).not.toBe(before)
})

test.each<[string, (s: ReturnType<typeof sources>) => void]>([
  ['a test', s => s.write('lib/a.test.ts', 'test()\n')],
  ['what is generated', s => s.write('lib/generated/client.ts', 'x\n')],
  ['notes', s => s.write('lib/NOTES.md', 'x\n')],
  ['a new date on the same content', s => utimesSync(path.join(s.root, 'lib/a.ts'), 1, 1)],
])('%s does not', (_, change) => {
  const all = sources()
  const before = all.hash()
  change(all)
  expect(all.hash()).toBe(before)
})
