import { expect, test } from 'vitest'
import { parseRspec } from './rspec-report.ts'

const example = (more: Record<string, unknown>) => ({
  id: './spec/a_spec.rb[1:1]',
  full_description: 'Cart adds',
  file_path: './spec/a_spec.rb',
  line_number: 2,
  pending_message: null,
  ...more,
})
const report = (examples: unknown[], more: Record<string, unknown> = {}) =>
  JSON.stringify({
    version: '3.12.0',
    examples,
    summary: { errors_outside_of_examples_count: 0 },
    ...more,
  })

test('examples have their file, the line that failed and what was said', () => {
  const exception = {
    class: 'ArgumentError',
    message: '\nboo\n',
    backtrace: ['/gems/rspec/support.rb:102:in `x`', '/p/spec/a_spec.rb:5:in `block`'],
  }
  const found = parseRspec(
    report([
      example({ status: 'failed', exception }),
      example({ status: 'passed', full_description: 'Cart works' }),
      example({ status: 'pending', full_description: 'Cart waits', pending_message: 'Not yet implemented' }),
      example({ status: '', full_description: 'Cart quits' }),
    ]),
  )
  const file = 'spec/a_spec.rb'
  expect(found?.cases).toEqual([
    { name: `${file} > Cart adds`, state: 'failed', message: 'ArgumentError: boo', file, line: 5 },
    { name: `${file} > Cart works`, state: 'passed', file, line: 2 },
    { name: `${file} > Cart waits`, state: 'skipped', message: 'Not yet implemented', file, line: 2 },
    {
      name: `${file} > Cart quits`,
      state: 'failed',
      message: 'rspec ended before this example did',
      file,
      line: 2,
    },
  ])
})

test('what failed outside of examples is a failure, named or not', () => {
  const summary = { errors_outside_of_examples_count: 1 }
  const message = '\nAn error occurred while loading ./spec/b_spec.rb.\n# ./spec/b_spec.rb:7:in `<top>`\n'
  expect(parseRspec(report([], { summary, messages: [message] }))?.cases).toEqual([
    {
      name: 'spec/b_spec.rb (cannot be loaded)',
      state: 'failed',
      message: message.trim(),
      file: 'spec/b_spec.rb',
      line: 7,
    },
  ])
  expect(parseRspec(report([], { summary }))).toMatchObject({ failed: 1 })
  expect(parseRspec('{"examples": [')).toBeNull()
})
