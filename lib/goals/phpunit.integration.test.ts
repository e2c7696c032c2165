import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProjects, filesOf, type Projects } from './check-project.ts'
import { needTool, withoutTools } from './languages.fixture.ts'

let projects: Projects
beforeAll(async () => {
  needTool('phpunit', ['--version'], 'install the packages phpunit, php-cli, php-xml and php-mbstring')
  projects = await createProjects()
})
afterAll(() => projects?.close())

const CLASS = `<?php
require_once __DIR__ . '/../src/cart.php';
class CartTest extends PHPUnit\\Framework\\TestCase {`
const CART = {
  'src/cart.php': '<?php\nfunction total($prices) { return array_sum($prices) - 1; }\n',
  'tests/CartTest.php': `${CLASS}
  public function testTotal() { $this->assertSame(3, total([1, 2])); }
  public function testWorks() { $this->assertTrue(true); }
  public function testSlow() { $this->markTestSkipped('slow'); }
}
`,
}

test('a broken project is red test by test, and green once it is fixed', async () => {
  const project = await projects.make(CART)
  const before = await filesOf(project)
  const red = await projects.check(project, 'phpunit')
  expect(red).toMatchObject({
    achieved: false,
    broken: false,
    reason: '1 of 3 tests failing',
    command: 'phpunit tests',
    tests: { passed: 1, failed: 1, skipped: 1, failing: ['CartTest::testTotal'] },
    tools: [{ name: 'phpunit' }],
  })
  expect(red.tests?.cases[0]).toMatchObject({
    message: expect.stringContaining('2 is identical to 3'),
    file: 'tests/CartTest.php',
    line: 4,
  })
  expect((await filesOf(project)).filter(file => file !== '.phpunit.result.cache')).toEqual(before)
  await project.run({ command: "sed -i 's/ - 1//' src/cart.php", timeoutMs: 10_000 })
  expect(await projects.check(project, 'phpunit')).toMatchObject({
    achieved: true,
    tests: { passed: 2, skipped: 1 },
  })
})

test('code that cannot be parsed is red, with what php says', async () => {
  const result = await projects.check({ ...CART, 'src/cart.php': '<?php\nfunction total( {\n' }, 'phpunit')
  expect(result).toMatchObject({ achieved: false, broken: false })
  expect(result.tests?.cases).toContainEqual(
    expect.objectContaining({
      name: expect.stringMatching(/^src\/cart\.php: .*syntax error/),
      file: 'src/cart.php',
      line: 2,
    }),
  )
})

test('a test that ends phpunit with exit code 0 is not achieved', async () => {
  const files = { ...CART, 'tests/CartTest.php': `${CLASS} function testA() { exit(0); } }\n` }
  expect(await projects.check(files, 'phpunit')).toMatchObject({
    achieved: false,
    exitCode: 0,
    reason: expect.stringContaining('ended before it reported'),
  })
})

test('without tests, with skipped ones only, and without phpunit', async () => {
  const broken = (said: string) => ({ achieved: false, broken: true, reason: expect.stringContaining(said) })
  expect(await projects.check({}, 'phpunit')).toMatchObject(broken('*Test.php'))
  expect(await projects.check({ 'tests/.keep': '' }, 'phpunit')).toMatchObject(broken('*Test.php'))
  // phpunit 9 succeeds with a «test» named Warning.
  expect(await projects.check({ ...CART, 'tests/CartTest.php': `${CLASS} }\n` }, 'phpunit')).toMatchObject(
    broken('*Test.php'),
  )
  const skipped = `${CLASS} function testA() { $this->markTestIncomplete(); } }\n`
  expect(await projects.check({ ...CART, 'tests/CartTest.php': skipped }, 'phpunit')).toMatchObject({
    achieved: false,
    broken: false,
    reason: 'The only test was skipped',
  })
  expect(await withoutTools(() => projects.check(CART, 'phpunit'))).toMatchObject(broken('composer require'))
})
