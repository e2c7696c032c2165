import { expect, test } from 'vitest'
import type { Evidence } from '#lib/contract/evidence'
import type { Run } from '#lib/contract/runs'
import { parseJunit } from '#lib/goals/junit'
import { type ExportedRun, exportRun } from './export-run.ts'

const evidence = {
  achieved: false,
  reason: '1 of 3 tests failing',
  command: 'pytest -q',
  exit_code: 1,
  duration_ms: 1234,
  checked_at: '2026-02-18T12:00:00Z',
  digest: 'abc',
  output: 'a ]]> \u001b[31mred\u0000 & <b>',
  flags: [],
  confirmations: [],
  protected: [],
  protected_total: 2,
  environment: { platform: 'linux', node: 'v20', sandbox: 'off' },
  tests: {
    unit: 'tests',
    passed: 1,
    failed: 1,
    skipped: 1,
    total: 3,
    failing: ['tests/test_a.py::test_<odd>"name"'],
    cases: [
      { name: 'tests/test_a.py::test_ok', state: 'passed', file: 'tests/test_a.py' },
      {
        name: 'tests/test_a.py::test_<odd>"name"',
        state: 'failed',
        message: 'assert 1 == 2\n& more',
        line: 7,
      },
      { name: 'tests/test_a.py::test_later', state: 'skipped' },
    ],
  },
} as unknown as Evidence // of all fields only these are looked at

const run = {
  run_id: '550e8400-e29b-41d4-a716-446655440000',
  goal: 'pytest',
  goal_name: 'pytest',
  status: 'exhausted',
  outcome: 'iterations',
  reason: 'all 3 iterations are spent',
  cwd: '/srv/a|b',
  model_name: 'claude',
  iteration: 3,
  max_iterations: 3,
  total_tokens: 100,
  estimated_cost_usd: 0.1,
  created_at: '2026-02-18T12:00:00Z',
  ended_at: null,
  scripted: false,
  judged: false,
} as unknown as Run // as above

const exported: ExportedRun = { run, iterations: [], evidence, patch: '--- a\n+++ b\n' }

test('JUnit has every test, and can be read again', async () => {
  const xml = exportRun('junit', exported)
  expect(await parseJunit(xml)).toMatchObject({ passed: 1, failed: 1, skipped: 1, total: 3 })
  expect(xml).toContain('tests="3" failures="1"')
  expect(xml).toContain('a ]]&gt; \ufffd[31mred\ufffd &amp; &lt;b&gt;')
})

test('a check without tests, and a green one that does not count, are failures for CI too', async () => {
  const green = { ...evidence, achieved: true, tests: null } as Evidence
  const xml = exportRun('junit', { ...exported, evidence: green })
  expect(await parseJunit(xml)).toMatchObject({ passed: 1, failed: 1 })
  const achieved = { ...run, status: 'achieved' } as Run
  expect(await parseJunit(exportRun('junit', { ...exported, run: achieved, evidence: green }))).toMatchObject(
    {
      passed: 1,
      failed: 0,
    },
  )
})

test('Markdown cannot be broken out of', () => {
  const hostile = { ...run, goal: 'a\n# b', cwd: '/x`|y' } as Run
  const text = exportRun('md', {
    ...exported,
    run: hostile,
    evidence: { ...evidence, output: '```\n# boo' } as Evidence,
  })
  expect(text.split('\n')[0]).toBe('# a # b')
  expect(text).toContain('`` /x`\\|y ``')
  expect(text).toContain('````text\n```\n# boo')
})

test('the patch is the patch, and JSON is all of it', () => {
  expect(exportRun('patch', exported)).toBe('--- a\n+++ b\n')
  expect(JSON.parse(exportRun('json', exported))).toMatchObject({
    run: { goal: 'pytest' },
    patch: '--- a\n+++ b\n',
  })
})
