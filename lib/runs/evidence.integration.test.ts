// What a verdict is made of, on the built product: progress from check to check, evidence that anyone can look at, and the same
// check again on other copies of the work.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EventOf, RunEvent } from '#lib/contract/event'
import type { Evidence, Verification } from '#lib/contract/evidence'
import type { Iteration } from '#lib/contract/run-history'
import { bash, NODE_PROJECT, patch, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { type Answer, text, toolUse, turn } from '#lib/testing/messages-script'
import { temporaryDirectory } from '#lib/testing/server'
import { openStage, type Stage } from '#lib/testing/stage'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.close())

const write = (file: string, content: string) => toolUse('file_write', { path: file, content })
const said = (words: string) => turn([text(words)])
const checksOf = (events: RunEvent[]) =>
  events.filter((event): event is EventOf<'goal_check'> => event.kind === 'goal_check')

/** Five functions, each with a test; all are wrong. */
const FIVE = {
  'package.json': '{ "name": "five", "type": "module", "scripts": { "test": "node --test" } }\n',
  'src/five.mjs': [1, 2, 3, 4, 5].map(n => `export const f${n} = () => 0\n`).join(''),
  'test/five.test.mjs': `import assert from 'node:assert'\nimport { test } from 'node:test'\nimport * as five from '../src/five.mjs'\n${[
    1, 2, 3, 4, 5,
  ]
    .map(n => `test('f${n} is ${n}', () => assert.equal(five.f${n}(), ${n}))\n`)
    .join('')}`,
}
const set = (n: number, from: number, to: number) =>
  patch('src/five.mjs', `f${n} = () => ${from}`, `f${n} = () => ${to}`)

describe('progress', () => {
  it('over five iterations says in each what was fixed and what broke', async () => {
    const script: Answer[] = [
      turn([set(1, 0, 1)]),
      said('One is right.'),
      turn([set(2, 0, 2), set(1, 1, 9)]),
      said('Two is right.'),
      turn([set(1, 9, 1), set(3, 0, 3)]),
      said('Three are right.'),
      turn([set(4, 0, 4)]),
      said('Four are right.'),
      turn([set(5, 0, 5)]),
      said('All are right.'),
    ]
    const cwd = await stage.project(FIVE, script)
    const run = await stage.client.finish({ goal: 'npm-test', cwd, no_progress_iterations: 2 })
    expect(run).toMatchObject({ status: 'achieved', iteration: 5, trend: [5, 4, 4, 2, 1, 0] })
    const rows = await stage.client.ok<Iteration[]>('GET', `/api/runs/${run.run_id}/iterations`)
    const name = (n: number) => `test/five.test.mjs > f${n} is ${n}`
    expect(rows.map(row => row.progress)).toMatchObject([
      { failing_before: 5, failing_after: 4, fixed: [name(1)], newly_failing: [], trend: 'better' },
      { failing_before: 4, failing_after: 4, fixed: [name(2)], newly_failing: [name(1)], trend: 'mixed' },
      { failing_before: 4, failing_after: 2, fixed: [name(1), name(3)], trend: 'better' },
      { failing_before: 2, failing_after: 1, fixed: [name(4)] },
      { failing_before: 1, failing_after: 0, fixed: [name(5)] },
    ])
    const [, second] = stage.requests(cwd).slice(-3)
    expect(JSON.stringify(second?.body)).toContain('Fixed since the check before')
  })

  it('that does not come ends the run: a reflection, one more attempt, and no_progress', async () => {
    const script: Answer[] = Array.from({ length: 8 }, (_, n) => said(`Attempt ${n + 1} changed nothing.`))
    const cwd = await stage.project(SHELL_PROJECT, script)
    const run = await stage.client.finish({ ...SHELL_GOAL, cwd, max_iterations: 8 })
    expect(run).toMatchObject({ status: 'exhausted', outcome: 'no_progress', iteration: 4 })
    const last = JSON.stringify(stage.requests(cwd).at(-1)?.body)
    expect(last).toContain('The last 3 attempts left the same failures')
    expect(last).toContain('Attempt 2 changed nothing.')
  })

  it('is not asked for when it is switched off', async () => {
    const cwd = await stage.project(SHELL_PROJECT)
    const run = await stage.client.finish({
      ...SHELL_GOAL,
      cwd,
      max_iterations: 6,
      no_progress_iterations: 0,
    })
    expect(run).toMatchObject({ outcome: 'iterations', iteration: 6 })
  })
})

describe('evidence', () => {
  it('of an achieved run is whole, and verify agrees with it until a file is changed', async () => {
    const cwd = await stage.project(NODE_PROJECT, [
      turn([patch('src/add.mjs', 'a - b', 'a + b'), patch('test/add.test.mjs', '5))', '6))')]),
      said('add adds.'),
    ])
    const run = await stage.client.finish({ goal: 'npm-test', cwd })
    expect(run.status).toBe('achieved')
    const evidence = await stage.client.ok<Evidence>('GET', `/api/runs/${run.run_id}/evidence`)
    expect(evidence).toMatchObject({
      achieved: true,
      command: 'npm test',
      exit_code: 0,
      tests: { passed: 2, failed: 0, total: 2 },
      conditions: { protect: 'enforce', confirm: 0 },
      environment: { tools: [{ name: 'npm', version: expect.stringMatching(/^\d+\./) }] },
    })
    expect(evidence.tests?.cases.map(({ name, state }) => `${state} ${name}`)).toEqual([
      'passed test/add.test.mjs > adds two numbers',
      'passed test/add.test.mjs > adds nothing',
    ])
    const blob = (content: string) =>
      createHash('sha1')
        .update(`blob ${Buffer.byteLength(content)}\0${content}`)
        .digest('hex')
    expect(evidence.protected).toContainEqual({
      path: 'test/add.test.mjs',
      blob: blob(NODE_PROJECT['test/add.test.mjs']),
      state: 'restored',
    })
    expect(evidence.diff?.patch).toContain('+export const add = (a, b) => a + b')
    expect(evidence.output).toContain('adds two numbers')

    // The journal names it by its digest.
    const checks = checksOf(await stage.client.events(run.run_id))
    expect(checks.at(-1)?.payload.evidence).toBe(evidence.digest)

    const verify = (body: object) =>
      stage.client.ok<Verification>('POST', `/api/runs/${run.run_id}/verify`, { body })
    expect(await verify({})).toMatchObject({ agrees: true, files: { same: true } })
    expect(await verify({ checkout: true })).toMatchObject({ agrees: true, files: { same: true } })

    // Somebody else's copy of the same work, by way of a repository.
    const elsewhere = await temporaryDirectory('retrai-copy-')
    const git = (folder: string, ...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
        cwd: folder,
        stdio: 'pipe',
      })
    git(cwd, 'init', '-q')
    git(cwd, 'add', '-A')
    git(cwd, 'commit', '-qm', 'done')
    git(elsewhere, 'clone', '-q', cwd, 'copy')
    const copy = path.join(elsewhere, 'copy')
    expect(await verify({ cwd: copy })).toMatchObject({ agrees: true, files: { same: true }, cwd: copy })

    const source = path.join(copy, 'src/add.mjs')
    const good = readFileSync(source, 'utf8')
    writeFileSync(source, good.replace('a + b', 'a * b'))
    expect(await verify({ cwd: copy })).toMatchObject({
      agrees: false,
      files: { same: false, changed: ['src/add.mjs'] },
      now: { achieved: false },
    })
    // Also when the check does not notice.
    writeFileSync(source, `${good}// a comment\n`)
    expect(await verify({ cwd: copy })).toMatchObject({ agrees: false, now: { achieved: true } })
    // And a test that is weakened elsewhere is no test.
    writeFileSync(source, good.replace('a + b', 'a * b'))
    writeFileSync(path.join(copy, 'test/add.test.mjs'), 'import "node:test"\n')
    const weakened = await verify({ cwd: copy })
    expect(weakened).toMatchObject({ agrees: false, now: { achieved: false } })
    expect(weakened.files.protected_changed).toEqual(['test/add.test.mjs'])
  })

  it('is there for each iteration, and 404 where there is none', async () => {
    const cwd = await stage.project(SHELL_PROJECT)
    const run = await stage.client.finish({ ...SHELL_GOAL, cwd, max_iterations: 1 })
    const at = (iteration: number) =>
      stage.client.request('GET', `/api/runs/${run.run_id}/evidence?iteration=${iteration}`)
    expect((await at(0)).json).toMatchObject({ baseline: true, achieved: false })
    expect((await at(1)).json).toMatchObject({ baseline: false, iteration: 1 })
    expect((await at(7)).status).toBe(404)
  })
})

describe('a green check', () => {
  it('that is run again and flips is flaky, and not achieved', async () => {
    const cwd = await stage.project(
      {
        'n.txt': '0',
        'check.sh': 'n=$(($(cat n.txt) + 1)); echo $n > n.txt; [ -f done ] && [ $((n % 3)) -ne 0 ]\n',
      },
      [turn([bash('touch done')]), said('Done.')],
    )
    const run = await stage.client.finish({
      goal: 'steady',
      check_command: 'sh check.sh',
      cwd,
      confirm: 2,
      max_iterations: 1,
    })
    expect(run.status).toBe('exhausted')
    expect(checksOf(await stage.client.events(run.run_id)).at(-1)?.payload.flags).toContainEqual(
      expect.objectContaining({ code: 'flaky', blocks: true }),
    )
  })

  it('that loses a test of the start does not count', async () => {
    // The work decides which tests there are: nothing protected was touched.
    const files = {
      ...NODE_PROJECT,
      'src/cases.mjs': 'export const cases = [[2, 3, 5], [2, 0, 2]]\n',
      'test/add.test.mjs': `import assert from 'node:assert'
import { test } from 'node:test'
import { add } from '../src/add.mjs'
import { cases } from '../src/cases.mjs'
for (const [a, b, sum] of cases) test(\`\${a} and \${b}\`, () => assert.equal(add(a, b), sum))
`,
    }
    const cwd = await stage.project(files, [
      turn([patch('src/cases.mjs', '[2, 3, 5], ', '')]),
      said('All pass.'),
    ])
    const run = await stage.client.finish({ goal: 'npm-test', cwd, max_iterations: 1 })
    expect(run.status).toBe('exhausted')
    expect(run.reason).toContain('does not count')
  })
})

describe('several goals', () => {
  it('hold only together: fixing one by breaking another is not achieved', async () => {
    const files = { 'a.txt': 'no\n', 'b.txt': 'yes\n', 'copy.sh': 'cp a.txt b.txt\n' }
    const cwd = await stage.project(files, [
      turn([bash('echo yes > a.txt; echo no > b.txt')]),
      said('a holds.'),
      turn([bash('echo yes > b.txt')]),
      said('Both hold.'),
    ])
    const run = await stage.client.finish({
      goal: 'both say yes',
      goals: [
        { goal: 'a says yes', check_command: 'grep -q yes a.txt' },
        { goal: 'b says yes', check_command: 'grep -q yes b.txt' },
      ],
      cwd,
    })
    expect(run).toMatchObject({ status: 'achieved', iteration: 2, goal: 'both say yes' })
    const checks = checksOf(await stage.client.events(run.run_id))
    expect(checks.map(({ payload }) => payload.goals?.map(({ achieved }) => achieved))).toEqual([
      [false, true],
      [true, false],
      [true, true],
    ])
  })
})

describe('a goal without a command', () => {
  const answers = (...texts: string[]) => {
    const asked: string[] = []
    stage.aside = request => {
      asked.push(request.firstUserText)
      return turn([text(texts[Math.min(asked.length, texts.length) - 1]!)])
    }
    return asked
  }

  it('in plain words is judged by a model apart from the conversation, and marked so', async () => {
    const asked = answers(
      '{"achieved": false, "reason": "There is no second line."}',
      'Here it is:\n```json\n{"achieved": true, "reason": "The poem has two lines."}\n```',
    )
    const cwd = await stage.project(SHELL_PROJECT, [
      turn([write('poem.txt', 'Roses\n')]),
      said('Written.'),
      turn([write('poem.txt', 'Roses\nare red\n')]),
      said('Now it has two.'),
    ])
    const run = await stage.client.finish({ goal: 'Write a poem of two lines', cwd })
    expect(run).toMatchObject({ status: 'achieved', judged: true, iteration: 2, goal_name: 'judged' })
    expect(asked).toHaveLength(2)
    expect(asked[1]).toContain('+are red')
    const events = await stage.client.events(run.run_id)
    expect(checksOf(events).at(-1)?.payload).toMatchObject({
      judged: true,
      reason: 'Judged: The poem has two lines.',
    })
    // What the judge cost is on the run's bill.
    const purposes = events.flatMap(event =>
      event.kind === 'llm_usage' ? [event.payload.purpose ?? 'agent'] : [],
    )
    expect(purposes.filter(purpose => purpose === 'judge')).toHaveLength(2)
    const { status } = await stage.client.request('POST', `/api/runs/${run.run_id}/verify`, { body: {} })
    expect(status).toBe(409)
  })

  it('by points measures against a target', async () => {
    answers('{"score": 40, "reason": "dull"}', '{"score": 90, "reason": "vivid"}')
    const cwd = await stage.project({ 'story.txt': 'It rained.\n' }, [
      turn([write('story.txt', 'The rain drummed all night.\n')]),
      said('Better.'),
    ])
    const run = await stage.client.finish({
      goal: 'text-improve',
      goal_options: { file: 'story.txt', target: 80 },
      cwd,
    })
    expect(run.status).toBe('achieved')
    const evidence = await stage.client.ok<Evidence>('GET', `/api/runs/${run.run_id}/evidence`)
    expect(evidence.measurement).toMatchObject({ value: 90, target: 80, baseline: 40, better: 'higher' })
  })

  it('gets a check written, which counts once a person has approved it', async () => {
    answers(
      JSON.stringify({
        command: 'sh .retrai-check/check.sh',
        files: [{ path: '.retrai-check/check.sh', content: 'grep -q works app.txt\n' }],
        explanation: 'app.txt has to say works',
      }),
    )
    const cheat = bash('mkdir -p .retrai-check; echo exit 0 > .retrai-check/check.sh')
    const cwd = await stage.project(SHELL_PROJECT, [
      turn([cheat]),
      said('Done.'),
      turn([patch('app.txt', 'broken', 'works')]),
      said('Done indeed.'),
    ])
    const { run_id } = await stage.client.start({ goal: 'app.txt works', goals: ['ai-eval'], cwd })
    const waiting = await stage.client.until(run_id, 'waiting')
    expect(waiting.iteration).toBe(0)
    expect(stage.requests(cwd)).toHaveLength(0)
    await stage.client.resume(run_id, { decision: 'approve' })
    const run = await stage.client.until(run_id, 'achieved')
    expect(run.iteration).toBe(2)
    const evidence = await stage.client.ok<Evidence>('GET', `/api/runs/${run_id}/evidence`)
    expect(evidence).toMatchObject({ command: 'sh .retrai-check/check.sh', exit_code: 0 })
    const again = await stage.client.ok<Verification>('POST', `/api/runs/${run_id}/verify`, { body: {} })
    expect(again.agrees).toBe(true)
  })
})
