import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProjects, filesOf, type Projects } from './check-project.ts'
import { needTool, withoutTools } from './languages.fixture.ts'

let projects: Projects
beforeAll(async () => {
  needTool('rspec', ['--version'], 'install the package ruby-rspec')
  projects = await createProjects()
})
afterAll(() => projects?.close())

const CART = {
  'lib/cart.rb': 'def total(prices) = prices.sum - 1\n',
  'spec/cart_spec.rb': `require_relative '../lib/cart'
RSpec.describe 'Cart' do
  it('adds') { expect(total([1, 2])).to eq 3 }
  it('works') { expect(1).to eq 1 }
  it('later')
end
`,
}

test('a broken project is red example by example, and green once it is fixed', async () => {
  const project = await projects.make(CART)
  const before = await filesOf(project)
  const red = await projects.check(project, 'rspec')
  expect(red).toMatchObject({
    achieved: false,
    broken: false,
    reason: '1 of 3 tests failing',
    command: 'rspec',
    tests: { passed: 1, failed: 1, skipped: 1, failing: ['spec/cart_spec.rb > Cart adds'] },
    tools: [{ name: 'rspec' }],
  })
  expect(red.tests?.cases[0]).toMatchObject({
    message: expect.stringContaining('expected: 3'),
    file: 'spec/cart_spec.rb',
    line: 3,
  })
  expect(red.output).toContain('3 examples, 1 failure')
  expect(await filesOf(project)).toEqual(before)
  await project.run({ command: "sed -i 's/ - 1//' lib/cart.rb", timeoutMs: 10_000 })
  expect(await projects.check(project, 'rspec')).toMatchObject({
    achieved: true,
    tests: { passed: 2, skipped: 1 },
  })
})

test('a spec that cannot be loaded is red, with what ruby says', async () => {
  const result = await projects.check({ ...CART, 'lib/cart.rb': 'def total(\n' }, 'rspec')
  expect(result).toMatchObject({
    achieved: false,
    broken: false,
    tests: { failed: 1, failing: ['spec/cart_spec.rb (cannot be loaded)'] },
  })
  expect(result.tests?.cases[0]?.message).toContain('SyntaxError')
})

test.each(['exit 0', 'exit! 0', 'Process.kill(:KILL, Process.pid)'])(
  'an example that ends rspec by «%s» is not achieved',
  async code => {
    const files = {
      'spec/a_spec.rb': `RSpec.describe('A') { it('a') {}; it('q') { ${code} }; it('z') {} }\n`,
    }
    expect(await projects.check(files, 'rspec')).toMatchObject({ achieved: false })
  },
)

test('without examples, with pending ones only, and without rspec', async () => {
  expect(await projects.check({}, 'rspec')).toMatchObject({
    achieved: false,
    broken: true,
    reason: expect.stringContaining('_spec.rb'),
  })
  const pending = { 'spec/a_spec.rb': "RSpec.describe('A') { it('a'); xit('b') {} }\n" }
  expect(await projects.check(pending, 'rspec')).toMatchObject({
    achieved: false,
    broken: false,
    reason: 'All 2 tests were skipped',
  })
  expect(await withoutTools(() => projects.check(CART, 'rspec'))).toMatchObject({
    broken: true,
    reason: expect.stringContaining('gem install rspec'),
  })
})
