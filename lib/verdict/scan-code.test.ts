import { describe, expect, it } from 'vitest'
import { addedLines, suspicionsIn } from './scan-code.ts'

const scan = (path: string, ...lines: string[]) =>
  suspicionsIn(
    lines.map((text, index) => ({ path, line: index + 1, text })),
    ['tests/**'],
  )
const blocks = (path: string, ...lines: string[]) => scan(path, ...lines).some(flag => flag.blocks)

describe('code that reaches for its judge blocks', () => {
  it.each([
    ['calc.py', 'unittest.TestCase.assertEqual = lambda *a: None'],
    ['calc.py', 'import _pytest.runner'],
    ['calc.py', "sys.modules['pytest'] = fake"],
    ['calc.py', "if 'pytest' in sys.modules:"],
    ['calc.py', "if os.environ.get('PYTEST_CURRENT_TEST'):"],
    ['calc.py', 'builtins.AssertionError = Exception'],
    ['calc.py', 'def pytest_runtest_makereport(item, call):'],
    ['src/a.js', 'assert.equal = () => {}'],
    ['src/a.ts', 'if (process.env.VITEST) return 5'],
    ['src/a.ts', 'globalThis.expect = () => proxy'],
  ])('%s: %s', (path, line) => {
    expect(blocks(path, line)).toBe(true)
  })

  it('an __eq__ that is always true, on one line or two', () => {
    expect(blocks('calc.py', 'def __eq__(self, other): return True')).toBe(true)
    expect(blocks('calc.py', 'def __eq__(self, other) -> bool:', '    return True')).toBe(true)
  })
})

describe('honest code does not', () => {
  it.each([
    ['calc.py', 'def __eq__(self, other):'],
    ['calc.py', '# pytest.raises = None would be wrong'],
    ['calc.py', 'assert total == 5'],
    ['src/a.ts', 'process.exit(0)'],
    ['src/a.ts', "assert.equal(a, b, 'they differ')"],
    ['src/a.ts', 'if (assert.equal === other) return'],
    ['tests/helper.py', 'import _pytest'],
    ['README.md', "if 'pytest' in sys.modules:"],
  ])('%s: %s', (path, line) => {
    expect(blocks(path, line)).toBe(false)
  })

  it('but a program that ends itself is pointed out, unless it is one', () => {
    expect(scan('src/a.ts', 'process.exit(0)')).toMatchObject([{ code: 'suspicious_code', path: 'src/a.ts' }])
    expect(scan('bin/a.ts', 'process.exit(0)')).toEqual([])
  })
})

it('the added lines of a diff have the numbers of the newer file', () => {
  const patch =
    'diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n@@ -1,3 +1,4 @@\n a\n-b\n+++ c\n+d\n e\n@@ -9 +10 @@\n-y\n+z\n'
  expect(addedLines(patch)).toEqual([
    { path: 'x.py', line: 2, text: '++ c' },
    { path: 'x.py', line: 3, text: 'd' },
    { path: 'x.py', line: 10, text: 'z' },
  ])
})
