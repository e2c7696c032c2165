import { expect, test } from 'vitest'
import { callsIn, plainWords, quote, withoutAnsi, withoutLaunchers } from './command-line.ts'

test('a plain call is cut into its words as a shell would', () => {
  expect(plainWords(`pytest -k 'a or b' "x y" tests/a\\ b.py`)).toEqual([
    'pytest',
    '-k',
    'a or b',
    'x y',
    'tests/a b.py',
  ])
})

test.each([
  'pytest | tail -1',
  'pytest && echo ok',
  'pytest > log',
  'pytest # quiet',
  'pytest $(ls)',
  'pytest `ls`',
  'pytest "',
  "pytest '",
  'pytest; true',
  'pytest &',
  'pytest \\',
  'a\nb',
  'cat <<X',
  '',
])('%j is not a plain call, so nothing is added to it', command => {
  expect(plainWords(command)).toBeNull()
})

test('a list is cut into its calls, and quotes hold together what belongs together', () => {
  expect(callsIn(`npm run build && FOO=1 vitest run -t "a && b" 2>&1 | tee log; echo done`)).toEqual([
    ['npm', 'run', 'build'],
    ['FOO=1', 'vitest', 'run', '-t', 'a && b'],
    ['tee', 'log'],
    ['echo', 'done'],
  ])
})

test.each([
  ['npx --yes vitest run', 'vitest'],
  ['FOO=1 BAR=2 pytest', 'pytest'],
  ['uv run pytest -q', 'pytest'],
  ['poetry run python -m pytest', 'python'],
  ['cross-env CI=1 jest', 'jest'],
  ['pnpm exec jest', 'jest'],
  ['yarn vitest', 'vitest'],
])('%s starts %s', (command, program) => {
  expect(withoutLaunchers(plainWords(command)!)[0]).toBe(program)
})

test('any word survives quoting', () => {
  const word = `it's $HOME "a" \`b\` \\ é\n;`
  expect(plainWords(quote(word).replace('\n', ' '))).toEqual([word.replace('\n', ' ')])
})

test('colours, links and cursor movements are taken out', () => {
  expect(
    withoutAnsi('\u001b[1;31mred\u001b[0m \u001b]8;;http://x\u0007link\u001b]8;;\u0007 \u001b[2Kend'),
  ).toBe('red link end')
})
