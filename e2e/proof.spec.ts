// What a verdict rests on, seen and repeated from the run's page.
import { appendFile, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Page } from '@playwright/test'
import { NODE_PROJECT, patch, SHELL_PROJECT } from '#lib/testing/make-project'
import { type Answer, text, turn } from '#lib/testing/messages-script'
import { expectFitsEverywhere } from './fits-everywhere.ts'
import { expect, test } from './fixtures.ts'

// Most of these look at their page in eight states, and run real checks.
test.setTimeout(180_000)

const said = (words: string) => turn([text(words)])

/** Three functions, each with a test; all are wrong. */
const THREE = {
  'package.json': '{ "name": "three", "type": "module", "scripts": { "test": "node --test" } }\n',
  'src/three.mjs': [1, 2, 3].map(n => `export const f${n} = () => 0\n`).join(''),
  'test/three.test.mjs': `import assert from 'node:assert'\nimport { test } from 'node:test'\nimport * as three from '../src/three.mjs'\n${[
    1, 2, 3,
  ]
    .map(n => `test('f${n} is ${n}', () => assert.equal(three.f${n}(), ${n}))\n`)
    .join('')}`,
}
const set = (n: number, from: number, to: number) =>
  patch('src/three.mjs', `f${n} = () => ${from}`, `f${n} = () => ${to}`)

const THREE_STEPS: Answer[] = [
  turn([set(1, 0, 1)]),
  said('One is right.'),
  turn([set(2, 0, 2), set(1, 1, 9)]),
  said('Two is right.'),
  turn([set(1, 9, 1), set(3, 0, 3)]),
  said('All are right.'),
]

/** The model takes the test away instead of repairing the code. */
const REMOVES_THE_TEST: Answer[] = [
  turn([
    text('This test is wrong.'),
    patch('test/add.test.mjs', "test('adds two numbers', () => assert.equal(add(2, 3), 5))\n", ''),
  ]),
  said('All tests pass now.'),
]

const verify = async (page: Page, where: string) => {
  await page.getByRole('button', { name: 'Verify the verdict' }).click()
  await page.getByRole('menuitem', { name: where }).click()
}

test('each iteration says what it fixed and what it broke, in the stream and in the rail', async ({
  page,
  project,
  client,
}) => {
  const cwd = await project(THREE, THREE_STEPS)
  const { run_id: runId } = await client.start({ goal: 'npm-test', cwd })
  await client.until(runId, 'achieved')
  await page.goto(`/runs/${runId}`)
  const stream = page.getByRole('main')
  const rail = page.getByRole('navigation', { name: 'Iterations' }).first()
  await expect(
    rail.getByRole('button', { name: /^Iteration 1, failing 3 → 2, 1 fixed, better/ }),
  ).toBeVisible()
  await expect(
    rail.getByRole('button', { name: /^Iteration 2, .*1 fixed, 1 newly failing, better and worse/ }),
  ).toBeVisible()
  await expect(
    rail.getByRole('button', { name: /^Iteration 3, failing 2 → 0, 2 fixed, better/ }),
  ).toBeVisible()
  await expect(stream.getByText('1 newly failing').first()).toBeVisible()
  await expectFitsEverywhere(page, 'progress')

  // What broke comes first among the tests of its check.
  await page.goto(`/runs/${runId}?tab=checks&iter=2`)
  const newly = page.getByRole('region', { name: 'Newly failing' })
  await expect(newly).toContainText('f1 is 1')
})

test('a green check that does not count is shown as not met, with why', async ({ page, project, client }) => {
  const cwd = await project(NODE_PROJECT, REMOVES_THE_TEST)
  const { run_id: runId } = await client.start({
    goal: 'npm-test',
    cwd,
    max_iterations: 1,
    // Nothing is put back, so that the check itself says yes.
    protect: ['nothing/**'],
  })
  await client.until(runId, 'exhausted')
  await page.goto(`/runs/${runId}?tab=checks`)
  const checks = page.getByRole('region', { name: 'Checks' })
  const verdict = checks.getByText('does not count', { exact: true })
  await expect(verdict).toBeVisible()
  await expect(verdict).toHaveClass(/text-err/)
  const why = checks.getByRole('region', { name: 'Green, but it does not count because' })
  await expect(why).toContainText('adds two numbers')
  await expectFitsEverywhere(page, 'does-not-count')
  await page.goto(`/runs/${runId}`)
  await expect(page.getByRole('button', { name: /Iteration 1, green does not count/ }).first()).toBeVisible()
  await expect(page.getByRole('main')).toContainText('Green does not count')
})

test('evidence is shown, and verify agrees until a file is changed', async ({ page, project, client }) => {
  const cwd = await project(THREE, [turn([set(1, 0, 1), set(2, 0, 2), set(3, 0, 3)]), said('All are right.')])
  const { run_id: runId } = await client.start({ goal: 'npm-test', cwd, confirm: 1 })
  await client.until(runId, 'achieved')
  await page.goto(`/runs/${runId}?tab=checks`)
  await expect(page.getByText('run again 1 time, it stayed green')).toBeVisible()

  const evidence = page.getByRole('region', { name: 'Evidence' })
  await evidence.getByRole('button', { name: /^Evidence/ }).click()
  await expect(evidence).toContainText('exit code 0')
  await expect(evidence).toContainText(/Protected files: \d+, none touched/)
  await evidence.getByRole('searchbox', { name: 'Find in the tests' }).fill('f2')
  await expect(evidence.getByRole('status').filter({ hasText: '1 found' })).toBeVisible()
  await expect(evidence.getByRole('region', { name: 'Cases' }).getByRole('listitem')).toHaveCount(1)
  await expectFitsEverywhere(page, 'evidence')

  const answer = page.getByRole('region', { name: 'Verification' })
  await verify(page, 'In its directory')
  await expect(answer).toContainText('It agrees')
  await appendFile(path.join(cwd, 'src/three.mjs'), 'export const f4 = () => 4\n')
  await verify(page, 'In its directory')
  await expect(answer).toContainText('It does not agree')
  await expect(answer.getByRole('list', { name: 'Differences' })).toContainText('src/three.mjs')
  await expectFitsEverywhere(page, 'disagrees')
  // What was judged is still what it was.
  await verify(page, 'In a fresh checkout')
  await expect(answer).toContainText('It agrees')
})

test('a run is saved as JUnit, and as a patch', async ({ page, project, client }) => {
  const cwd = await project(THREE, [turn([set(1, 0, 1), set(2, 0, 2), set(3, 0, 3)]), said('All are right.')])
  const { run_id: runId } = await client.start({ goal: 'npm-test', cwd })
  await client.until(runId, 'achieved')
  await page.goto(`/runs/${runId}?tab=checks`)
  const save = async (format: string) => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page
        .getByRole('button', { name: 'Export the run' })
        .click()
        .then(() => page.getByRole('menuitem', { name: new RegExp(`^${format}`) }).click()),
    ])
    return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') }
  }
  const junit = await save('JUnit XML')
  expect(junit.name).toMatch(/^retrai-[0-9a-f]{8}\.xml$/)
  expect(junit.text).toContain('<testsuites')
  expect(junit.text).toContain('f3 is 3')
  expect((await save('Patch')).text).toContain('+export const f3 = () => 3')
})

const WRITTEN = {
  command: 'node --test .retrai-check/works.test.mjs',
  files: [
    {
      path: '.retrai-check/works.test.mjs',
      content: `import assert from 'node:assert'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

test('app.txt says works\u202e', () => assert.match(readFileSync('app.txt', 'utf8'), /works/))
`,
    },
  ],
  explanation: 'It reads app.txt and wants the word in it.',
}

test('a check that a model wrote is read at its gate, approved, and decides', async ({
  page,
  project,
  client,
  stage,
}) => {
  stage.aside = () => turn([text(JSON.stringify(WRITTEN))])
  const cwd = await project(SHELL_PROJECT, [
    turn([patch('app.txt', 'broken', 'works')]),
    said('app.txt says works now.'),
  ])
  const { run_id: runId } = await client.start({
    goal: 'app.txt says that it works',
    goals: ['ai-eval'],
    cwd,
  })
  await client.until(runId, 'waiting')
  await page.goto(`/runs/${runId}`)
  const gate = page.getByRole('region', { name: 'Needs you: a check to approve' })
  await expect(gate).toContainText(
    'This check was written by a model. Approve it if it checks what you mean.',
  )
  await expect(gate.getByRole('region', { name: 'Command of the check' })).toContainText(WRITTEN.command)
  // What would turn the text around is seen instead of obeyed.
  await expect(gate.getByText('⟨U+202E⟩')).toBeVisible()
  await expectFitsEverywhere(page, 'written-check')
  await gate.getByRole('button', { name: 'Approve this check' }).click()
  await expect(gate).toBeHidden()
  await expect(page.getByRole('main')).toContainText('The goal is met in 1 iteration')
})

test('a run that a model judged cannot be verified, and says why', async ({
  page,
  project,
  client,
  stage,
}) => {
  stage.aside = () => turn([text('{"achieved": true, "reason": "It reads well."}')])
  const cwd = await project(SHELL_PROJECT, [turn([patch('app.txt', 'broken', 'works')]), said('Done.')])
  const { run_id: runId } = await client.start({ goal: 'make the text of app.txt friendly', cwd })
  await client.until(runId, 'achieved')
  await page.goto(`/runs/${runId}?tab=checks`)
  await expect(page.getByText('judged by a model').first()).toBeVisible()
  await expect(page.getByRole('button', { name: 'Verify the verdict' })).toHaveAttribute(
    'aria-disabled',
    'true',
  )
  await expect(
    page.getByText('A model judged this run, and no command can repeat what it said.'),
  ).toBeVisible()
  await page.goto('/runs')
  await expect(page.getByRole('row', { name: /make the text of app.txt friendly/ })).toContainText('judged')
})
