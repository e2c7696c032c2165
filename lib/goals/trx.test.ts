// The form of dotnet test's TRX logger, of a small xunit project, shortened.
import { expect, test } from 'vitest'
import { msbuildErrors, parseTrx } from './trx.ts'

const result = (id: number, name: string, outcome: string, output = '') =>
  `<UnitTestResult executionId="e${id}" testId="t${id}" testName="${name}" computerName="vm" duration="00:00:00.0034" ` +
  `startTime="2026-11-26T09:24:11.36+00:00" outcome="${outcome}" testListId="l" relativeResultsDirectory="e${id}"` +
  (output ? `>\n      <Output>${output}</Output>\n    </UnitTestResult>` : ' />')
const definition = (id: number, name: string) =>
  `<UnitTest name="Shop.Tests.CartTests.${name}" storage="/p/tests/bin/shop.tests.dll" id="t${id}">
      <Execution id="e${id}" />
      <TestMethod codeBase="/p/tests/bin/Shop.Tests.dll" adapterTypeName="executor://xunit/VsTestRunner2/netcoreapp" className="Shop.Tests.CartTests" name="${name}" />
    </UnitTest>`
const run = (results: string[], definitions: string[], outcome: string, more = '') =>
  `\uFEFF<?xml version="1.0" encoding="utf-8"?>
<TestRun id="r" name="@vm 2026-11-26 09:24:11" xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010">
  <Results>
    ${results.join('\n    ')}
  </Results>
  <TestDefinitions>
    ${definitions.join('\n    ')}
  </TestDefinitions>
  <ResultSummary outcome="${outcome}">
    <Counters total="4" executed="3" passed="2" failed="1" error="0" />${more}
  </ResultSummary>
</TestRun>`

const FAILED = `<ErrorInfo>
          <Message>Assert.Equal() Failure&#xD;
Expected: 3 &lt;UnitTestResult outcome=&quot;Passed&quot;&gt;
Actual:   -1</Message>
          <StackTrace>   at Xunit.Assert.Equal() in /_/src/Assert.cs:line 9
   at Shop.Tests.CartTests.Adds() in /p/tests/CartTests.cs:line 10</StackTrace>
        </ErrorInfo>`

test('tests of several projects have their class, state, message and place', () => {
  const first = run(
    [
      result(1, 'Shop.Tests.CartTests.Adds', 'Failed', FAILED),
      result(2, 'Shop.Tests.CartTests.Works(a: 1)', 'Passed'),
      result(3, 'Slow', 'NotExecuted', '<ErrorInfo><Message>slow</Message></ErrorInfo>'),
    ],
    [definition(1, 'Adds'), definition(2, 'Works'), definition(3, 'Slow')],
    'Failed',
  )
  const second = run([result(4, 'Other', 'Passed')], [definition(4, 'Other')], 'Completed')
  expect(parseTrx(`${first}${second}`, '/p')?.cases).toEqual([
    {
      name: 'Shop.Tests.CartTests.Adds',
      state: 'failed',
      message: expect.stringContaining('Actual:   -1'),
      file: 'tests/CartTests.cs',
      line: 10,
    },
    { name: 'Shop.Tests.CartTests.Works(a: 1)', state: 'passed' },
    { name: 'Shop.Tests.CartTests.Slow', state: 'skipped', message: 'slow' },
    { name: 'Shop.Tests.CartTests.Other', state: 'passed' },
  ])
})

test('a run that broke off is a failure, although none of its tests failed', () => {
  const infos =
    '<RunInfos><RunInfo outcome="Error"><Text>The active test run was aborted.</Text></RunInfo></RunInfos>'
  const aborted = run([result(1, 'A', 'Passed')], [definition(1, 'A')], 'Failed', infos)
  expect(parseTrx(aborted, '/p')?.cases.at(-1)).toEqual({
    name: '(test run)',
    state: 'failed',
    message: 'The active test run was aborted.',
  })
  expect(parseTrx(aborted.slice(0, -60), '/p')).toMatchObject({ failed: 1 })
  expect(parseTrx('\n', '/p')).toBeNull()
})

test('what the compiler says is a failure with its place, each once', () => {
  const line =
    "/p/src/Cart.cs(3,39): error CS0103: The name 'c' does not exist in the current context [/p/src/Shop.csproj]"
  expect(msbuildErrors(`${line}\n\nBuild FAILED.\n\n${line}\n    1 Error(s)\n`, '/p')).toEqual([
    {
      name: "src/Cart.cs: CS0103 The name 'c' does not exist in the current context",
      state: 'failed',
      message: "CS0103: The name 'c' does not exist in the current context",
      file: 'src/Cart.cs',
      line: 3,
    },
  ])
})
