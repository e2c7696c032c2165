// The goals of linters and type checkers with the real tools: a broken, a fixed, an empty and an unequipped project each.
// ruff can be had neither from npm nor from Debian: a recorded report stands for it.
import { execFileSync } from 'node:child_process'
import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RealTool, realTool } from '../../scripts/real-tools.mjs'
import { createProjects, type Files, filesOf, type Projects } from './check-project.ts'
import {
  CLIPPY_LINES,
  FLAKE8_TEXT,
  GO_VET_TEXT,
  GOLANGCI_TEXT,
  PHPSTAN_JSON,
  RUBOCOP_JSON,
  RUFF_JSON,
} from './recorded-lint.fixture.ts'

let projects: Projects
beforeAll(async () => {
  try {
    execFileSync('mypy', ['--version'], { stdio: 'ignore' })
  } catch {
    throw new Error('These tests need a real mypy: install the package mypy, or pip install mypy')
  }
  projects = await createProjects()
})
afterAll(() => projects?.close())

/** `ours`: this project's own packages. */
type Modules = RealTool | 'ours' | null

async function project(files: Files, modules: Modules) {
  const made = await projects.make(files)
  if (modules === null) return made
  const folder = modules === 'ours' ? join(process.cwd(), 'node_modules') : await realTool(modules)
  await symlink(folder, join(made.root, 'node_modules'))
  return made
}

interface Case {
  goal: string
  modules: Modules
  command: string
  config: Files
  file: string
  broken: string
  fixed: string
  /** Names, lines and what is said. */
  problems: [name: string, line: number, message: RegExp][]
  /** null: it is installed for the whole machine here. */
  missing: RegExp | null
}

const CASES: Case[] = [
  {
    goal: 'pyright',
    modules: 'pyright',
    command: 'node_modules/.bin/pyright',
    config: { 'pyrightconfig.json': '{}' },
    file: 'cart.py',
    broken: '# a cart\ndef total(n: int) -> str:\n    return n\n',
    fixed: 'def total(n: int) -> str:\n    return str(n)\n',
    problems: [
      [
        'cart.py reportReturnType Type "int" is not assignable to return type "str"',
        3,
        /"int" is not assignable to "str" \(reportReturnType\)$/,
      ],
    ],
    missing: /pyright is not installed: python3 -m venv \.venv && \.venv\/bin\/pip install pyright/,
  },
  {
    goal: 'mypy',
    modules: null,
    command: 'mypy .',
    config: { 'mypy.ini': '[mypy]\nstrict = True\n' },
    file: 'cart.py',
    broken: 'def total(n: int) -> str:\n    return n\n\n\ndef loose(n):\n    return n\n',
    fixed: 'def total(n: int) -> str:\n    return str(n)\n',
    problems: [
      [
        'cart.py return-value Incompatible return value type (got "int", expected "str")',
        2,
        /\(return-value\)$/,
      ],
      ['cart.py no-untyped-def Function is missing a type annotation', 5, /\(no-untyped-def\)$/],
    ],
    missing: null,
  },
  {
    goal: 'tsc',
    modules: 'ours',
    command: 'node_modules/.bin/tsc --noEmit',
    config: { 'tsconfig.json': '{ // strict\n "compilerOptions": { "strict": true, "types": [] } }' },
    file: 'cart.ts',
    broken: 'export const total: string = 1\nexport const f = (a: { x: number }): { x: string } => a\n',
    fixed: "export const total: string = '1'\n",
    problems: [
      ["cart.ts TS2322 Type 'number' is not assignable to type 'string'.", 1, /\(TS2322\)$/],
      [
        "cart.ts TS2322 Type '{ x: number; }' is not assignable to type '{ x: string; }'.",
        2,
        /Types of property 'x' are incompatible/,
      ],
    ],
    missing: /typescript is not installed in this project: npm install -D typescript/,
  },
  {
    goal: 'eslint',
    modules: 'eslint',
    command: 'node_modules/.bin/eslint .',
    config: {
      'package.json': '{"type":"module"}',
      'eslint.config.js': "export default [{ rules: { 'no-undef': 'error', 'no-unused-vars': 'warn' } }]",
    },
    file: 'cart.js',
    broken: 'const unused = 1\nexport const total = a + a\n',
    fixed: 'const unused = 1\nexport const total = 2\n',
    problems: [
      ["cart.js no-undef 'a' is not defined.", 2, /^'a' is not defined\. \(no-undef\)$/],
      ["cart.js no-undef 'a' is not defined. (2)", 2, /no-undef/],
    ],
    missing: /eslint is not installed in this project: npm install -D eslint/,
  },
  {
    goal: 'lint',
    modules: 'ours',
    command: 'node_modules/.bin/biome lint',
    config: { 'biome.json': '{}' },
    file: 'cart.js',
    broken: 'if (a == 2) {\n  debugger\n}\n',
    fixed: 'export const a = 2\n',
    problems: [
      [
        'cart.js lint/suspicious/noDoubleEquals Using == may be unsafe if you are relying on type coercion.',
        1,
        /noDoubleEquals/,
      ],
      [
        'cart.js lint/suspicious/noDebugger This is an unexpected use of the debugger statement.',
        2,
        /noDebugger/,
      ],
    ],
    missing:
      /@biomejs\/biome is not installed in this project: npm install -D @biomejs\/biome \(biome\.json configures biome\)/,
  },
]

describe.each(CASES)('$goal', one => {
  const { goal, modules, config, file, problems } = one

  test('broken, then fixed', async () => {
    const made = await project({ ...config, [file]: one.broken }, modules)
    const before = await filesOf(made)
    const red = await projects.check(made, goal)
    expect(red).toMatchObject({
      achieved: false,
      broken: false,
      command: one.command,
      reason: `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'} found`,
      tests: { unit: 'problems', failing: problems.map(([name]) => name) },
    })
    expect(red.tests?.cases).toMatchObject(
      problems.map(([name, line, message]) => ({
        name,
        line,
        file,
        message: expect.stringMatching(message),
      })),
    )
    expect(red.tools).toMatchObject([{ version: expect.stringMatching(/^\d+\.\d+/) }])
    expect(red.output).toContain(file)
    expect(red.output).not.toContain('retrai')

    await writeFile(join(made.root, file), one.fixed)
    const green = await projects.check(made, goal)
    expect(green).toMatchObject({ achieved: true, reason: 'No problems found', broken: false, exitCode: 0 })
    expect(await filesOf(made)).toEqual(before)
  })

  test('no files to check is a check that says so', async () => {
    const result = await projects.check(await project(config, modules), goal)
    expect(result).toMatchObject({ achieved: false, broken: true })
    expect(result.reason).toMatch(/checked nothing|No inputs were found/)
  })

  if (one.missing)
    test('where the tool is missing the check says how to install it', async () => {
      const result = await projects.check({ ...config, [file]: one.fixed }, goal)
      expect(result).toMatchObject({ achieved: false, broken: true, tests: null })
      expect(result.reason).toMatch(one.missing!)
    })
})

test('mypy says what it found where a file cannot be parsed', async () => {
  const result = await projects.check({ 'mypy.ini': '[mypy]\n', 'a.py': 'def f(:\n' }, 'mypy')
  expect(result).toMatchObject({
    achieved: false,
    broken: false,
    tests: { failing: ['a.py syntax invalid syntax'] },
  })
})

test('mypy checks what its configuration names, and a forged cache changes nothing', async () => {
  const files = {
    'pyproject.toml': '[tool.mypy]\nfiles = ["src"]\ncache_dir = "cache"\n',
    'src/a.py': 'x: int = 1\n',
    'other/b.py': 'y: int = "no"\n',
  }
  const made = await projects.make(files)
  expect(await projects.check(made, 'mypy')).toMatchObject({ achieved: true, command: 'mypy' })
  expect(await filesOf(made)).not.toContain('cache')
})

test('a tsconfig that only refers to others is built, because plain tsc would check nothing', async () => {
  const files = {
    'tsconfig.json': '{ "files": [], "references": [{ "path": "./app" }] }',
    'app/tsconfig.json': '{ "compilerOptions": { "composite": true, "noEmit": true, "types": [] } }',
    'app/a.ts': 'export const a: string = 1\n',
  }
  const made = await project(files, 'ours')
  expect(await projects.check(made, 'tsc')).toMatchObject({
    achieved: false,
    command: 'node_modules/.bin/tsc -b',
    tests: { failing: ["app/a.ts TS2322 Type 'number' is not assignable to type 'string'."] },
  })
  const plain = await projects.check(made, 'tsc', { checkCommand: 'npx --no-install tsc --noEmit' })
  expect(plain).toMatchObject({ achieved: false, broken: true })
  expect(plain.reason).toMatch(/tsc checked nothing/)
  await writeFile(join(made.root, 'app/a.ts'), "export const a: string = '1'\n")
  expect(await projects.check(made, 'tsc')).toMatchObject({ achieved: true })
})

test('what an earlier run of tsc left behind cannot say that all is well', async () => {
  const config = { compilerOptions: { incremental: true, noEmit: true, types: [], tsBuildInfoFile: 'info' } }
  const made = await project(
    { 'tsconfig.json': JSON.stringify(config), 'a.ts': 'export const a: string = 1\n', info: '{}' },
    'ours',
  )
  expect(await projects.check(made, 'tsc')).toMatchObject({ achieved: false, tests: { failed: 1 } })
})

test.each<[string, Modules, Files, RegExp]>([
  [
    'eslint',
    'eslint',
    { 'a.js': '', 'eslint.config.mjs': 'export default [' },
    /eslint cannot do its work: SyntaxError/,
  ],
  ['eslint', 'eslint', { 'a.js': '' }, /couldn't find an eslint\.config/],
  ['tsc', 'ours', { 'a.ts': '' }, /tsc checked nothing.*tsconfig\.json/],
  [
    'tsc',
    'ours',
    { 'a.ts': '', 'tsconfig.json': '{"compilerOptions":{"strct":true}}' },
    /TS5023: Unknown compiler option 'strct'/,
  ],
  ['lint', 'ours', { 'a.js': '', 'biome.json': '{ "linter": 3 }' }, /biome cannot do its work/],
  ['lint', null, { 'README.md': '' }, /No linter is configured in this project/],
])('%s: what keeps the tool from its work is a broken check (%#)', async (goal, modules, files, reason) => {
  const result = await projects.check(await project(files, modules), goal)
  expect(result).toMatchObject({ achieved: false, broken: true })
  expect(result.reason).toMatch(reason)
})

test('warnings of eslint count only where the command says so, and a lint script is what lint means', async () => {
  const files = {
    'package.json': '{"type":"module","scripts":{"lint":"eslint . --max-warnings 0"}}',
    'eslint.config.js': "export default [{ rules: { 'no-unused-vars': 'warn' } }]",
    'a.js': 'const unused = 1\n',
  }
  const made = await project(files, 'eslint')
  expect(await projects.check(made, 'eslint')).toMatchObject({ achieved: true })
  const result = await projects.check(made, 'lint')
  expect(result).toMatchObject({
    achieved: false,
    broken: false,
    command: 'npm run lint',
    tests: { failing: ["a.js no-unused-vars 'unused' is assigned a value but never used."] },
  })
})

test('a lint script of which nothing is known is judged by its exit code', async () => {
  const script = (code: number) => ({ 'package.json': `{"scripts":{"lint":"exit ${code}"}}` })
  expect(await projects.check(script(0), 'lint')).toMatchObject({ achieved: true, tests: null })
  expect(await projects.check(script(3), 'lint')).toMatchObject({ achieved: false, broken: false })
})

test('what fails before the linter is red, and no fault of the linter', async () => {
  const script = 'node first.mjs && eslint .'
  const made = await project(
    {
      'package.json': JSON.stringify({ type: 'module', scripts: { lint: script } }),
      'eslint.config.js': "export default [{ rules: { 'no-undef': 'error' } }]",
      'first.mjs': 'process.exit(4)\n',
    },
    'eslint',
  )
  expect(await projects.check(made, 'lint')).toMatchObject({ achieved: false, broken: false, exitCode: 4 })
  await writeFile(join(made.root, 'first.mjs'), 'export const a = b\n')
  await writeFile(
    join(made.root, 'package.json'),
    JSON.stringify({ type: 'module', scripts: { lint: `true && eslint .` } }),
  )
  expect(await projects.check(made, 'lint')).toMatchObject({
    broken: false,
    tests: { failing: ["first.mjs no-undef 'b' is not defined."] },
  })
})

/** A ruff of the project that writes what a real one wrote. */
const recordedRuff = (report: string, code: number, said = '') => `#!/bin/sh
[ "$1" = --version ] && { echo "ruff 0.12.0"; exit 0; }
printf '%s\\n' "$@" | grep -qx json || exit 2
while [ $# -gt 0 ]; do [ "$1" = --output-file ] && out="$2"; shift; done
cat > "$out" <<'END'
${report}
END
echo '${said}' >&2
exit ${code}
`

describe('ruff, recorded', () => {
  const at = (report: string, code: number, said = '') =>
    projects.make({
      'ruff.toml': '',
      'app/main.py': 'import os\n',
      '.venv/bin/ruff': recordedRuff(report, code, said),
    })

  test('broken, fixed and empty', async () => {
    const red = await at('[]', 0)
    await writeFile(
      join(red.root, '.venv/bin/ruff'),
      recordedRuff(RUFF_JSON.replaceAll('/p/', `${red.root}/`), 1),
    )
    expect(await projects.check(red, 'ruff')).toMatchObject({
      achieved: false,
      broken: false,
      command: '.venv/bin/ruff check',
      tests: {
        failing: [
          'app/main.py F401 `os` imported but unused',
          'app/broken.py invalid-syntax SyntaxError: Expected `)`, found newline',
        ],
        cases: [{ file: 'app/main.py', line: 1, message: '`os` imported but unused (F401)' }, { line: 3 }],
      },
    })
    expect(await projects.check(await at('[]', 0), 'ruff')).toMatchObject({ achieved: true })
    const empty = await projects.check(
      await at('[]', 0, 'warning: No Python files found under the given path(s)'),
      'ruff',
    )
    expect(empty).toMatchObject({ achieved: false, broken: true })
    expect(empty.reason).toMatch(/ruff checked nothing/)
  })

  test('a ruff that ends with 0 and leaves no report is no proof', async () => {
    const made = await projects.make({ 'ruff.toml': '', '.venv/bin/ruff': '#!/bin/sh\nexit 0\n' })
    expect(await projects.check(made, 'ruff')).toMatchObject({ achieved: false, broken: true })
  })

  test('where it is missing the check says how to install it', async () => {
    const result = await projects.check({ 'ruff.toml': '', 'uv.lock': '' }, 'ruff')
    expect(result).toMatchObject({ broken: true, reason: 'ruff is not installed: uv add --dev ruff' })
  })
})

/** A program that prints what a real one printed, into the file that `--out` names where it is given. */
const recorded = (text: string, code: number, wanted: string) => `#!/bin/sh
[ "$1" = --version ] && { echo 1.2.3; exit 0; }
case " $* " in *' ${wanted} '*) ;; *) echo "unexpected: $*" >&2; exit 2 ;; esac
out=/dev/stdout
while [ $# -gt 0 ]; do [ "$1" = --out ] && out="$2"; shift; done
cat > "$out" <<'END'
${text}
END
exit ${code}
`

test.each<[string, Files, string | null, string[]]>([
  [
    'phpstan',
    {
      'phpstan.neon': '',
      'vendor/bin/phpstan': recorded(
        PHPSTAN_JSON,
        1,
        'analyse --error-format=json --no-progress --no-interaction',
      ),
    },
    null,
    [
      '../p/src/Cart.php return.type Method Cart::total() should return int but returns string.',
      'phpstan Ignored error pattern #x# was not matched in reported errors.',
    ],
  ],
  [
    'flake8',
    { '.flake8': '', '.venv/bin/flake8': recorded(FLAKE8_TEXT, 1, '') },
    null,
    ["app/main.py F401 'os' imported but unused", 'app/main.py E501 line too long (93 > 79 characters)'],
  ],
  [
    'clippy',
    { cargo: recorded(CLIPPY_LINES, 101, 'clippy --all-targets --message-format=json -- -D warnings') },
    './cargo clippy --all-targets -- -D warnings',
    ['src/lib.rs clippy::needless_return unneeded `return` statement'],
  ],
  [
    'golangci-lint',
    { 'golangci-lint': recorded(GOLANGCI_TEXT, 1, 'run --max-issues-per-linter=0 --max-same-issues=0') },
    './golangci-lint run',
    [
      'cmd/main.go errcheck Error return value of `os.Remove` is not checked',
      'internal/cart/cart.go unused func unused is unused',
    ],
  ],
  [
    'go vet',
    { go: recorded(GO_VET_TEXT, 1, 'vet ./...') },
    './go vet ./...',
    [
      'cart/cart.go vet fmt.Printf format %d has arg "x" of wrong type string',
      'broken/broken.go vet expected declaration, found nonsense',
    ],
  ],
  [
    'rubocop',
    { rubocop: recorded(RUBOCOP_JSON, 1, '--format json') },
    './rubocop',
    ['lib/cart.rb Style/StringLiterals Prefer single-quoted strings.'],
  ],
])('lint understands what %s wrote', async (_, files, checkCommand, failing) => {
  const result = await projects.check(files, 'lint', { checkCommand })
  const named = result.tests?.failing.map(name => name.replace(/^(\.\.\/)+p\//, '../p/'))
  expect({ ...result, named }).toMatchObject({ achieved: false, broken: false, named: failing })
})

test.each<[string, Files, string, RegExp]>([
  ['eslint', {}, 'npx --no-install eslint .', /npm install -D eslint/],
  ['lint', { 'package.json': '{"scripts":{"lint":"eslint ."}}' }, 'npm run lint', /npm install -D eslint/],
  ['jest', {}, 'npx --no-install jest', /npm install -D jest/],
  [
    'jest',
    { 'package.json': '{"scripts":{"unit":"jest"},"devDependencies":{"jest":"30"}}' },
    'npm run unit',
    /jest is in package\.json but not installed: run npm install/,
  ],
])(
  '%s: a given command whose tool is missing says how to install it (%#)',
  async (goal, files, checkCommand, reason) => {
    const result = await projects.check(files, goal, { checkCommand })
    expect(result).toMatchObject({ achieved: false, broken: true })
    expect(result.reason).toMatch(reason)
  },
)
