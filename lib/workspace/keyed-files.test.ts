import { expect, test } from 'vitest'
import { readKeyed } from './keyed-files.ts'
import { matcherOf } from './match-paths.ts'

test('a table of a TOML file is put back beside what else changed', () => {
  const before = readKeyed('pyproject.toml', '[tool.pytest.ini_options]\naddopts = "-q"\n')
  const after = readKeyed(
    'pyproject.toml',
    '[project]\nname = "x"\ndependencies = ["a"]\n[tool.pytest.ini_options]\naddopts = "-k no"\n[tool.ruff]\nline-length = 9\n',
  )
  const path = ['tool', 'pytest']
  const text = after?.with([{ path, value: before?.get(path) }]) ?? ''
  const now = readKeyed('pyproject.toml', text)
  expect(now?.get(path)).toEqual({ ini_options: { addopts: '-q' } })
  expect(now?.get(['project', 'dependencies'])).toEqual(['a'])
  expect(now?.get(['tool', 'ruff', 'line-length'])).toBe(9)
  expect(readKeyed('a.toml', text)?.with([{ path, value: undefined }])).not.toContain('pytest')
})

test('a section of an INI file is put back or taken out, the others stay', () => {
  const text = '[metadata]\nname = x\n\n[tool:pytest]\naddopts = -k no\n\n[other]\na = 1\n'
  const file = readKeyed('setup.cfg', text)
  expect(file?.get(['tool:pytest'])).toBe('addopts = -k no')
  expect(file?.with([{ path: ['tool:pytest'], value: undefined }])).toBe(
    '[metadata]\nname = x\n\n[other]\na = 1\n',
  )
  const back = file?.with([{ path: ['tool:pytest'], value: 'addopts = -q' }]) ?? ''
  expect(readKeyed('setup.cfg', back)?.get(['tool:pytest'])).toBe('addopts = -q')
})

test('what cannot be read is null', () => {
  expect(readKeyed('a.toml', 'x = [')).toBeNull()
  expect(readKeyed('package.json', '{')).toBeNull()
})

test('patterns with ! take away from the others, and a plain name is a folder too', () => {
  const isMatch = matcherOf(['tests/**', 'spec', '!**/__snapshots__/**', '!tests/own'])
  expect(['tests/a', 'spec/b', 'spec', 'tests/__snapshots__/a', 'tests/own/c', 'src/a'].map(isMatch)).toEqual(
    [...[true, true, true], ...[false, false, false]],
  )
  expect(matcherOf(['!a'])('b')).toBe(false)
})
