import { expect, test } from 'vitest'
import { summary } from './run-summary.fixture.ts'
import { runsAsCsv, runsAsNdjson } from './runs-table.ts'

test('a table has a head and a row for each run; what is not known is empty', () => {
  const [head, row, end] = runsAsCsv([
    summary({ goal: 'pytest', estimated_cost_usd: null, iteration: 3 }),
  ]).split('\r\n')
  expect(head).toMatch(/^run_id,goal,status,/)
  expect(row).toContain(',pytest,running,,,/srv/shop,claude-sonnet-4-6,3,20,,,,,0,,2026-02-18T12:00:00Z,')
  expect(end).toBe('')
})

test('quotes, commas and lines stay in their cell, and no text becomes a formula', () => {
  const csv = runsAsCsv([summary({ goal: '=HYPERLINK("http://evil")', reason: 'a, "b"\nc', cwd: '@cmd' })])
  expect(csv).toContain(`"'=HYPERLINK(""http://evil"")"`)
  expect(csv).toContain('"a, ""b""\nc"')
  expect(csv).toContain(",'@cmd,")
})

test('lines of JSON give the runs back to the letter', () => {
  const runs = [summary({ goal: 'a\nb' }), summary({ run_id: 'z' })]
  const lines = runsAsNdjson(runs).trimEnd().split('\n')
  expect(lines.map(line => JSON.parse(line))).toEqual(runs)
})
