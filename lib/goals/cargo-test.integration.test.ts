import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProjects, type Projects } from './check-project.ts'
import { needTool, withoutTools } from './languages.fixture.ts'

let projects: Projects
beforeAll(async () => {
  needTool('cargo', ['--version'], 'install the packages cargo and rustc, or https://rustup.rs')
  projects = await createProjects()
})
afterAll(() => projects?.close())

const MANIFEST = '[package]\nname = "my-cart"\nversion = "0.1.0"\nedition = "2021"\n'
const lib = (sign: string) => `
/// \`\`\`
/// assert_eq!(my_cart::add(1, 2), 3);
/// \`\`\`
pub fn add(a: i32, b: i32) -> i32 { a ${sign} b }
`
const CART = {
  'Cargo.toml': MANIFEST,
  'src/lib.rs': lib('-'),
  'tests/total.rs': `#[test] fn adds() { assert_eq!(my_cart::add(1, 2), 3); }
#[test] #[ignore] fn slow() {}
#[test] fn works() {}
`,
}

test('a broken crate is red test by test, and green once it is fixed', async () => {
  const project = await projects.make(CART)
  const red = await projects.check(project, 'cargo-test')
  expect(red).toMatchObject({
    achieved: false,
    broken: false,
    reason: '2 of 4 tests failing',
    command: 'cargo test --no-fail-fast',
    tests: { passed: 1, failed: 2, skipped: 1, failing: ['tests/total.rs::adds', 'src/lib.rs - add'] },
    tools: [{ name: 'cargo' }],
  })
  expect(red.tests?.cases).toContainEqual({
    name: 'tests/total.rs::adds',
    state: 'failed',
    message: expect.stringContaining('left: -1'),
    file: 'tests/total.rs',
    line: 1,
  })
  // What lies where a test program was is not run.
  const planted = await project.run({
    command:
      'for f in $(find target/debug/deps -type f -perm -u+x); do ' +
      'printf \'#!/bin/sh\\nprintf "\\\\nrunning 1 test\\\\ntest adds ... ok\\\\n\\\\n"\\n\' > "$f"; done',
    timeoutMs: 10_000,
  })
  expect(planted.exitCode).toBe(0)
  expect((await projects.check(project, 'cargo-test')).tests?.failing).toEqual(red.tests?.failing)
  await project.run({ command: "sed -i 's/a - b/a + b/' src/lib.rs", timeoutMs: 10_000 })
  expect(await projects.check(project, 'cargo-test')).toMatchObject({
    achieved: true,
    tests: { passed: 3, failed: 0, skipped: 1 },
  })
})

test('code that does not compile is red, with the compiler’s words', async () => {
  const result = await projects.check({ ...CART, 'src/lib.rs': lib('- c *') }, 'cargo-test')
  expect(result).toMatchObject({ achieved: false, broken: false })
  expect(result.tests?.cases).toContainEqual(
    expect.objectContaining({
      name: 'src/lib.rs: cannot find value `c` in this scope',
      file: 'src/lib.rs',
      line: 5,
    }),
  )
})

test('a test that ends the process with exit code 0 is not achieved', async () => {
  const files = {
    ...CART,
    'src/lib.rs': lib('+'),
    'tests/total.rs': '#[test] fn quits() { std::process::exit(0) }',
  }
  expect(await projects.check(files, 'cargo-test')).toMatchObject({
    achieved: false,
    exitCode: 0,
    tests: { failing: ['tests/total.rs (ended before its tests did)'] },
  })
})

test('without a manifest, without tests and without cargo the check says what to do', async () => {
  expect(await projects.check({}, 'cargo-test')).toMatchObject({
    broken: true,
    reason: expect.stringContaining('cargo init'),
  })
  expect(await projects.check({}, 'cargo-test', { checkCommand: 'cargo test' })).toMatchObject({
    broken: true,
    reason: expect.stringContaining('cargo init'),
  })
  expect(await projects.check({ 'Cargo.toml': MANIFEST, 'src/lib.rs': '' }, 'cargo-test')).toMatchObject({
    broken: true,
    reason: expect.stringContaining('#[test]'),
  })
  const ignored = '#[test] #[ignore] fn slow() {}'
  expect(await projects.check({ 'Cargo.toml': MANIFEST, 'src/lib.rs': ignored }, 'cargo-test')).toMatchObject(
    {
      achieved: false,
      broken: false,
      reason: 'The only test was skipped',
    },
  )
  expect(await withoutTools(() => projects.check(CART, 'cargo-test'))).toMatchObject({
    broken: true,
    reason: expect.stringContaining('rustup'),
  })
})
