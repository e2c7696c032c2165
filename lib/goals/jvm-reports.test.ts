// What maven-surefire 2.22 and gradle 4.4 wrote for the same two test classes, shortened.
import { expect, test } from 'vitest'
import { jvmCompilerErrors, parseReports } from './jvm-reports.ts'

const SUREFIRE = `<?xml version="1.0" encoding="UTF-8"?>
<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" name="x.CartTest" time="0.05" tests="3" errors="0" skipped="1" failures="1">
  <properties><property name="java.version" value="17.0.15"/></properties>
  <testcase name="adds" classname="x.CartTest" time="0.014">
    <failure message="expected:&lt;3&gt; but was:&lt;-1&gt;" type="java.lang.AssertionError">java.lang.AssertionError: expected:&lt;3&gt; but was:&lt;-1&gt;
	at x.CartTest.adds(CartTest.java:4)
</failure>
  </testcase>
  <testcase name="slow" classname="x.CartTest" time="0"><skipped message="slow"/></testcase>
  <testcase name="works" classname="x.CartTest" time="0"/>
</testsuite>`
const GRADLE = `<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="x.SumTest" tests="2" skipped="0" failures="0" errors="0" timestamp="2026-11-26T09:24:15" hostname="vm" time="0.004">
  <properties/>
  <testcase name="adds()" classname="x.SumTest" time="0.0"/>
  <testcase name="adds()" classname="x.SumTest" time="0.0"/>
</testsuite>`
const from = (path: string, xml: string) => `\n<?retrai-report ${path}\n${xml}\n`

test('documents of several modules are read together, each test by its module and class', async () => {
  const found = await parseReports(
    from('./target/surefire-reports/TEST-x.CartTest.xml', SUREFIRE) +
      from('./core/build/test-results/test/TEST-x.SumTest.xml', GRADLE),
  )
  expect(found?.cases).toEqual([
    {
      name: 'x.CartTest.adds',
      state: 'failed',
      message: expect.stringContaining('expected:<3> but was:<-1>'),
      line: 4,
    },
    { name: 'x.CartTest.slow', state: 'skipped', message: 'slow' },
    { name: 'x.CartTest.works', state: 'passed' },
    { name: 'core: x.SumTest.adds', state: 'passed' },
    { name: 'core: x.SumTest.adds (2)', state: 'passed' },
  ])
})

test('a document that was cut off is a failure, and none is no report', async () => {
  const cut = await parseReports(from('./target/surefire-reports/TEST-x.xml', SUREFIRE.slice(0, 400)))
  expect(cut).toMatchObject({ failed: 1, failing: ['target/surefire-reports/TEST-x.xml (cut off)'] })
  expect(await parseReports('\n')).toBeNull()
})

test('what the compilers of Java and Kotlin say is a failure with its place, each once', () => {
  const output = `[ERROR] /p/src/main/java/x/Cart.java:[2,60] cannot find symbol
[ERROR] /p/src/main/java/x/Cart.java:[2,60] cannot find symbol
/p/src/main/java/x/Sum.java:7: error: ';' expected
e: file:///p/src/main/kotlin/A.kt:3:5 Unresolved reference: b
e: /p/src/main/kotlin/B.kt: (4, 9): Expecting an element
`
  expect(jvmCompilerErrors(output, '/p').map(({ name, file, line }) => [name, file, line])).toEqual([
    ['src/main/java/x/Cart.java: cannot find symbol', 'src/main/java/x/Cart.java', 2],
    ["src/main/java/x/Sum.java: ';' expected", 'src/main/java/x/Sum.java', 7],
    ['src/main/kotlin/A.kt: Unresolved reference: b', 'src/main/kotlin/A.kt', 3],
    ['src/main/kotlin/B.kt: Expecting an element', 'src/main/kotlin/B.kt', 4],
  ])
})
