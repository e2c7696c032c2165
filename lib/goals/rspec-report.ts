// Reads the report of rspec's JSON formatter.
import { z } from 'zod'
import { type CheckTests, type TestCase, testsFrom } from './check-tests.ts'
import { oncePerName } from './check-with-program.ts'

const Report = z.object({
  examples: z.array(
    z.object({
      full_description: z.string(),
      status: z.string(),
      file_path: z.string(),
      line_number: z.number().int().nullish(),
      pending_message: z.string().nullish(),
      exception: z
        .object({
          class: z.string().nullish(),
          message: z.string().nullish(),
          backtrace: z.array(z.string()).nullish(),
        })
        .nullish(),
    }),
  ),
  messages: z.array(z.string()).optional(),
  summary: z.object({ errors_outside_of_examples_count: z.number().optional() }),
})
type Example = z.infer<typeof Report>['examples'][number]

/** null when it is no complete report. */
export function parseRspec(text: string): CheckTests | null {
  const report = readReport(text)
  if (!report) return null
  const { examples, messages = [], summary } = report
  const unloaded = oncePerName(messages.flatMap(outsideOfExamples))
  const outside = summary.errors_outside_of_examples_count ?? 0
  const unnamed: TestCase[] =
    outside > 0 && unloaded.length === 0
      ? [{ name: '(error outside of examples)', state: 'failed', message: messages.join('\n').trim() }]
      : []
  return testsFrom([...examples.map(testCase), ...unloaded, ...unnamed])
}

function readReport(text: string): z.infer<typeof Report> | null {
  try {
    return Report.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null // rspec was ended while it wrote
  }
}

const STATES: Record<string, TestCase['state']> = { passed: 'passed', failed: 'failed', pending: 'skipped' }
const relative = (path: string) => path.replace(/^\.\//, '')

function testCase(example: Example): TestCase {
  const file = relative(example.file_path)
  // An example without a status was running when rspec was ended.
  const state = STATES[example.status] ?? 'failed'
  const message = state === 'passed' ? '' : messageOf(example)
  const place = placeOf(example.exception?.backtrace ?? [], file) ?? example.line_number ?? 0
  return {
    name: `${file} > ${example.full_description}`,
    state,
    ...(message && { message }),
    ...(!file.startsWith('/') && { file, ...(place > 0 && { line: place }) }),
  }
}

function messageOf({ status, exception, pending_message: pending }: Example): string {
  if (status === 'pending') return pending ?? ''
  if (!exception) return 'rspec ended before this example did'
  const said = (exception.message ?? '').trim()
  const isExpectation = exception.class?.includes('ExpectationNotMet') || exception.class === 'RuntimeError'
  return isExpectation || !exception.class ? said : `${exception.class}: ${said}`
}

/** Where in the example's own file it failed. */
function placeOf(backtrace: string[], file: string): number | null {
  const pattern = new RegExp(`(?:^|/)${escaped(file)}:(\\d+)`)
  const line = backtrace.flatMap(frame => pattern.exec(frame)?.[1] ?? [])[0]
  return line === undefined ? null : Number(line)
}
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** `An error occurred while loading ./spec/b_spec.rb.` */
function outsideOfExamples(message: string): TestCase[] {
  const said = message.trim()
  const path = /An error occurred while loading (\S+?\.rb)\b/.exec(said)?.[1]
  if (path === undefined)
    return /^An error occurred/.test(said)
      ? [{ name: `(${said.split('\n')[0]!.replace(/\.$/, '')})`, state: 'failed', message: said }]
      : []
  const file = relative(path)
  const line = new RegExp(`${escaped(file)}:(\\d+)`).exec(said)?.[1]
  return [
    {
      name: `${file} (cannot be loaded)`,
      state: 'failed',
      message: said,
      ...(!file.startsWith('/') && { file, ...(line && { line: Number(line) }) }),
    },
  ]
}
