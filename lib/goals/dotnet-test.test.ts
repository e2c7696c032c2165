// dotnet itself cannot be had from Debian or npm: a script stands for it that leaves what it would have left.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProjects, type Projects } from './check-project.ts'
import { withoutTools } from './languages.fixture.ts'

let projects: Projects
beforeAll(async () => {
  projects = await createProjects()
})
afterAll(() => projects?.close())

const dotnet = (left: string) => `#!/bin/sh
for arg; do case "$before" in --results-directory) folder=$arg ;; esac; before=$arg; done
${left}
`
const trx = (outcome: string) =>
  `<TestRun><Results><UnitTestResult testId="1" testName="Shop.Adds" outcome="${outcome}" /></Results>` +
  '<ResultSummary outcome="Completed"></ResultSummary></TestRun>'
const write = (outcome: string) =>
  `printf '%s' '${trx(outcome)}' > "$folder/report_net8.0_20261126092411.trx"`
const check = (left: string) =>
  projects.check({ 'Shop.sln': '', 'bin/dotnet': dotnet(left) }, 'dotnet-test', {
    checkCommand: 'bin/dotnet test',
  })

test('its reports are read from outside of the project', async () => {
  expect(await check(`${write('Passed')}`)).toMatchObject({
    achieved: true,
    reason: 'The only test passed',
    tests: { passed: 1 },
  })
  expect(await check(`${write('Failed')}; exit 1`)).toMatchObject({
    achieved: false,
    broken: false,
    tests: { failing: ['Shop.Adds'] },
  })
})

test('code that does not compile is red, with the compiler’s words', async () => {
  const left = 'echo "$PWD/src/Cart.cs(3,39): error CS0103: No such name [$PWD/Shop.csproj]"; exit 1'
  expect((await check(left)).tests?.cases).toEqual([
    {
      name: 'src/Cart.cs: CS0103 No such name',
      state: 'failed',
      message: 'CS0103: No such name',
      file: 'src/Cart.cs',
      line: 3,
    },
  ])
})

test('without a project, without tests and without dotnet the check says what to do', async () => {
  const broken = (said: string) => ({ achieved: false, broken: true, reason: expect.stringContaining(said) })
  expect(await projects.check({}, 'dotnet-test')).toMatchObject(broken('no solution'))
  expect(await check('echo "No test is available in /p/x.dll."')).toMatchObject(
    broken('Microsoft.NET.Test.Sdk'),
  )
  expect(await withoutTools(() => projects.check({ 'Shop.sln': '' }, 'dotnet-test'))).toMatchObject(
    broken('dotnet.microsoft.com'),
  )
})
