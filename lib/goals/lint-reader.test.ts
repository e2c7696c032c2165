import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tempFolder } from '#lib/testing/temp-folder'
import { LINT_READER, type LintFormat } from './lint-reader.ts'
import {
  CLIPPY_LINES,
  FLAKE8_TEXT,
  GO_VET_TEXT,
  GOLANGCI_TEXT,
  PHPSTAN_JSON,
  RUBOCOP_JSON,
  RUFF_JSON,
} from './recorded-lint.fixture.ts'

function read(format: LintFormat, text: string, root = '/p'): unknown[] {
  const folder = tempFolder('lint-reader')
  writeFileSync(join(folder, 'out'), text)
  execFileSync('node', ['-e', LINT_READER, format, folder, root])
  return readFileSync(join(folder, 'report'), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
}

test.each<[LintFormat, string, unknown[]]>([
  [
    'ruff',
    RUFF_JSON,
    [
      ['app/main.py', 1, 'F401', '`os` imported but unused', true],
      ['app/broken.py', 3, 'invalid-syntax', 'SyntaxError: Expected `)`, found newline', true],
      { checked: null, more: 0 },
    ],
  ],
  [
    'cargo',
    CLIPPY_LINES,
    [
      ['src/lib.rs', 2, 'clippy::needless_return', 'unneeded `return` statement', false],
      { checked: 2, more: 0 },
    ],
  ],
  [
    'go',
    GOLANGCI_TEXT,
    [
      ['cmd/main.go', 9, 'errcheck', 'Error return value of `os.Remove` is not checked', true],
      ['internal/cart/cart.go', 4, 'unused', 'func unused is unused', true],
      { checked: null, more: 0 },
    ],
  ],
  [
    'go',
    GO_VET_TEXT,
    [
      ['cart/cart.go', 6, 'vet', 'fmt.Printf format %d has arg "x" of wrong type string', true],
      ['broken/broken.go', 3, 'vet', 'expected declaration, found nonsense', true],
      { checked: null, more: 0 },
    ],
  ],
  ['go', 'level=error msg="no go files to analyze"\n', [{ checked: 0, more: 0 }]],
  [
    'rubocop',
    RUBOCOP_JSON,
    [
      ['lib/cart.rb', 3, 'Style/StringLiterals', 'Prefer single-quoted strings.', true],
      { checked: 2, more: 0 },
    ],
  ],
  [
    'phpstan',
    PHPSTAN_JSON,
    [
      ['src/Cart.php', 12, 'return.type', 'Method Cart::total() should return int but returns string.', true],
      ['', null, 'phpstan', 'Ignored error pattern #x# was not matched in reported errors.', true],
      { checked: null, more: 0 },
    ],
  ],
  [
    'flake8',
    FLAKE8_TEXT,
    [
      ['app/main.py', 1, 'F401', "'os' imported but unused", true],
      ['app/main.py', 7, 'E501', 'line too long (93 > 79 characters)', true],
      { checked: null, more: 0 },
    ],
  ],
  // What npm prints around it, and colours, are no part of a report.
  [
    'eslint',
    '\n> p@1.0.0 lint\n> eslint .\n\n[{"filePath":"/p/a.js","messages":[{"ruleId":"no-undef","severity":2,"message":"\u001b[31mx\u001b[0m","line":3}]}]\n\nnpm notice\n',
    [['a.js', 3, 'no-undef', 'x', true], { checked: 1, more: 0 }],
  ],
])('%s: findings with file, line and rule (%#)', (format, text, expected) => {
  expect(read(format, text)).toEqual(expected)
})

test('a message of tsc goes on in indented lines, and the files it lists are counted', () => {
  const text = `a.ts(1,7): error TS2322: Type 'A' is not assignable to type 'B'.
  Property 'x' is missing.
/p/node_modules/typescript/lib/lib.d.ts
/p/a.ts
/p/b.ts
error TS18003: No inputs were found.
`
  expect(read('tsc', text)).toEqual([
    ['a.ts', 1, 'TS2322', "Type 'A' is not assignable to type 'B'.\nProperty 'x' is missing.", true],
    ['', null, 'TS18003', 'No inputs were found.', true],
    { checked: 2, more: 0 },
  ])
})

test('mypy’s notes are no findings, and files that could not be parsed are', () => {
  const text = `a.py:2: error: Incompatible return value type (got "int", expected "str")  [return-value]
a.py:4: note: See https://mypy.readthedocs.io
b.py: error: Duplicate module named "b"
Found 2 errors in 2 files (checked 3 source files)
`
  expect(read('mypy', text)).toEqual([
    ['a.py', 2, 'return-value', 'Incompatible return value type (got "int", expected "str")', true],
    ['b.py', null, 'misc', 'Duplicate module named "b"', true],
    { checked: 3, more: 0 },
  ])
})

test('a flood of findings is cut, and what is left out is counted', () => {
  const one = { filename: '/p/a.py', location: { row: 1 }, code: 'E501', message: 'x'.repeat(10_000) }
  const rows = read('ruff', JSON.stringify(Array.from({ length: 5000 }, () => one)))
  const end = rows.at(-1)
  expect(JSON.stringify(rows).length).toBeLessThan(5_000_000)
  expect(end).toEqual({ checked: null, more: 5000 - (rows.length - 1) })
})
