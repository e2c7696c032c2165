import { expect, test } from 'vitest'
import { changesInTest } from './test-changes.ts'

const codes = (path: string, base: string, current: string | null) =>
  changesInTest(path, base, current).map(({ code }) => code)

test.each([
  ['a.test.ts', "it('a', () => expect(1).toBe(1))", "it.skip('a', () => expect(1).toBe(1))"],
  ['a.test.ts', "describe('a', () => {})", "fdescribe('a', () => {})"],
  ['test_a.py', 'def test_a(): pass', '@pytest.mark.skipif(True)\ndef test_a(): pass'],
  ['a_test.go', 'func TestA(t *testing.T) {}', 'func TestA(t *testing.T) { t.Skip("later") }'],
  ['tests/a.rs', '#[test]\nfn a() {}', '#[test]\n#[ignore]\nfn a() {}'],
])('a skip that was added to %s is told: %s → %s', (path, base, current) => {
  expect(codes(path, base, current)).toEqual(['test_skipped'])
})

test('an expected failure and fewer assertions are told, in figures', () => {
  const base = 'def test_a():\n    assert a\n    assert b\n'
  expect(
    changesInTest('test_a.py', base, '@pytest.mark.xfail\ndef test_a():\n    assert a\n    # assert b\n'),
  ).toEqual([
    { code: 'xfail_added', path: 'test_a.py', detail: 'test_a.py expects 1 tests to fail, 0 at the start.' },
    { code: 'assertions_removed', path: 'test_a.py', detail: 'test_a.py has 1 assertions, 2 at the start.' },
  ])
})

test('more tests, deleted files and files of no known language tell nothing', () => {
  expect(codes('a.test.ts', 'expect(1)', 'expect(1); expect(2)')).toEqual([])
  expect(codes('a.test.ts', 'expect(1)', null)).toEqual([])
  expect(codes('golden.txt', 'assert', '')).toEqual([])
})
