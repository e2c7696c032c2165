import { expect, test } from 'vitest'
import { parseReportLines } from './report-lines.ts'

test('lines become counts and names', async () => {
  const report = [
    '"ready"',
    '["pass","test/a.test.mjs",["cart","adds"]]',
    '["fail","test/a.test.mjs",["cart <&\\">","removes"]]',
    '["skip","test/a.test.mjs",["later"]]',
    '["fail","test/load.test.mjs",[]]',
    '"done"',
  ].join('\n')
  expect(await parseReportLines(report)).toMatchObject({
    passed: 1,
    failed: 2,
    skipped: 1,
    total: 4,
    failing: ['test/a.test.mjs > cart <&"> > removes', 'test/load.test.mjs'],
  })
})

test('a runner that found nothing has no tests, which is not the same as no report', async () => {
  expect(await parseReportLines('"ready"\n"done"\n')).toMatchObject({ total: 0 })
  expect(await parseReportLines('')).toBeNull()
  expect(await parseReportLines('hello\n{"a":1}\n')).toBeNull()
})

test('half a line of a killed process is passed over', async () => {
  expect(await parseReportLines('["pass","a",["x"]]\n["fa')).toMatchObject({ passed: 1, total: 1 })
})

test('a report without its last line is of a runner that was ended in the middle', async () => {
  expect(await parseReportLines('"ready"\n["pass","a",["x"]]\n')).toMatchObject({
    passed: 1,
    failed: 1,
    failing: ['(the test runner ended before its tests did)'],
  })
})
