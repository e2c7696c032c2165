import { expect, test } from 'vitest'
import { parseJunit, suiteCase } from './junit.ts'

// Recorded from pytest 9.0.3 with junit_family=xunit1, shortened.
const REPORT = `<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="3" failures="6" skipped="2" tests="16" time="0.038">
<testcase classname="tests.test_cart.TestX" name="test_total[a&lt;&amp;&quot;b]" file="tests/test_cart.py" line="2" time="0.001"><failure message="assert 'a&lt;&amp;&quot;b' == 'x'&#10;">self = &lt;test_cart.TestX&gt; &lt;testcase name="fake"/></failure></testcase>
<testcase classname="tests.test_cart.TestX" name="test_total[x]" file="tests/test_cart.py" line="2" time="0.000" />
<testcase classname="tests.test_cart" name="test_skip" file="tests/test_cart.py" line="5" time="0.000"><skipped type="pytest.skip" message="no">tests/test_cart.py:6: no</skipped></testcase>
<testcase classname="tests.test_cart" name="test_xf" file="tests/test_cart.py" line="7" time="0.000"><skipped type="pytest.xfail" message="" /></testcase>
<testcase classname="tests.test_cart" name="test_tdf" file="tests/test_cart.py" line="21" time="0.000"><failure message="assert 0">x</failure></testcase>
<testcase classname="tests.test_cart" name="test_tdf" file="tests/test_cart.py" line="21" time="0.000"><error message="failed on teardown with &quot;RuntimeError: td&quot;">x</error></testcase>
<testcase classname="" name="tests.test_bad" file="tests/test_bad.py" time="0.000"><error message="collection failure">ImportError</error></testcase>
</testsuite></testsuites>`

test('tests are named as pytest names them, and one that fails twice counts once', async () => {
  expect(await parseJunit(REPORT)).toMatchObject({
    passed: 1,
    failed: 3,
    skipped: 2,
    total: 6,
    failing: [
      'tests/test_cart.py::TestX::test_total[a<&"b]',
      'tests/test_cart.py::test_tdf',
      'tests/test_bad.py (collection error)',
    ],
  })
})

test('a failure says why and where, counted from 1', async () => {
  const { cases = [] } = (await parseJunit(REPORT)) ?? {}
  expect(cases[0]).toMatchObject({
    message: "assert 'a<&\"b' == 'x'\nself = <test_cart.TestX> <testcase name=\"fake\"/>",
    file: 'tests/test_cart.py',
    line: 3,
  })
  expect(cases[2]).toMatchObject({ state: 'skipped', message: 'tests/test_cart.py:6: no' })
  expect(cases.at(-1)).toMatchObject({
    message: 'collection failure\nImportError',
    file: 'tests/test_bad.py',
  })
})

test('a message of megabytes is cut', async () => {
  const long = 'x'.repeat(1_000_000)
  const xml = `<testsuite><testcase name="a"><failure message="${long}">${long}</failure></testcase></testsuite>`
  expect((await parseJunit(xml))?.cases[0]?.message?.length).toBeLessThanOrEqual(2000)
})

test('nested suites are named from the file inwards', async () => {
  // Recorded from bun 1.4.5, shortened.
  const xml = `<testsuites name="bun test"><testsuite name="test/a.test.ts" file="test/a.test.ts">
<testsuite name="cart" file="test/a.test.ts" line="2"><testcase name="adds" classname="cart" file="test/a.test.ts" line="2" />
<testsuite name="inner" file="test/a.test.ts" line="2"><testcase name="fails" classname="inner &gt; cart" file="test/a.test.ts" line="3">
<failure type="AssertionError" message="expect(received).toBe(expected)&#10;&#10;Expected: 2">AssertionError: expect(received).toBe(expected)&#10;&#10;Expected: 2&#10;</failure></testcase></testsuite></testsuite>
<testcase name="top" classname="" file="test/a.test.ts" line="4" /></testsuite></testsuites>`
  expect((await parseJunit(xml, suiteCase))?.cases).toEqual([
    { name: 'test/a.test.ts > cart > adds', state: 'passed', file: 'test/a.test.ts', line: 2 },
    {
      name: 'test/a.test.ts > cart > inner > fails',
      state: 'failed',
      message: 'AssertionError: expect(received).toBe(expected)\n\nExpected: 2',
      file: 'test/a.test.ts',
      line: 3,
    },
    { name: 'test/a.test.ts > top', state: 'passed', file: 'test/a.test.ts', line: 4 },
  ])
})

test('an empty suite is a report with no tests', async () => {
  expect(await parseJunit('<testsuites><testsuite name="pytest" tests="0" /></testsuites>')).toMatchObject({
    total: 0,
  })
})

test.each([
  ['nothing', ''],
  ['text', 'Traceback (most recent call last)'],
  ['a report that was cut off', REPORT.slice(0, 900)],
  ['a tag that never ends', '<testsuite><testcase name="a'],
  ['a comment that never ends', '<testsuite><!-- '],
])('%s is no report', async (_, xml) => {
  expect(await parseJunit(xml)).toBeNull()
})

test('an expansion bomb in the document type is skipped unread', async () => {
  const bomb =
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' +
    '<testsuite><testcase classname="m" name="&b;" file="m.py"><failure message="x"/></testcase></testsuite>'
  expect((await parseJunit(bomb))?.failing).toEqual(['m.py::&b;'])
})

test('text that looks like tests does not count: CDATA, comments, attributes with angle brackets', async () => {
  const xml =
    '<testsuite><!-- <testcase name="no"/> --><testcase classname="m" name="a > b" file="m.py">' +
    `<failure message='<skipped/>'><![CDATA[</testcase><testcase name="no"/>]]></failure></testcase></testsuite>`
  expect(await parseJunit(xml)).toMatchObject({ total: 1, failing: ['m.py::a > b'] })
})

test('a report of many megabytes leaves the event loop free', async () => {
  const traceback = 'E   assert x &lt; 1\n'.repeat(500)
  const cases = Array.from(
    { length: 1000 },
    (_, i) =>
      `<testcase classname="m" name="t${i}" file="m.py"><failure message="x">${traceback}</failure></testcase>`,
  )
  const xml = `<testsuite>${cases.join('')}</testsuite>`
  let turns = 0
  let parsing = true
  const turn = () => {
    turns++
    if (parsing) setImmediate(turn)
  }
  setImmediate(turn)
  const tests = await parseJunit(xml)
  parsing = false
  expect(tests).toMatchObject({ failed: 1000, total: 1000 })
  expect(turns).toBeGreaterThan(20)
})
