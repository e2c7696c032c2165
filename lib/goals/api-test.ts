// A server that answers as it should: started, asked and ended within one check. The requests stand in the run's settings,
// so nobody but the person who gave them can change what is expected.
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { testsFrom } from './check-tests.ts'
import { commandProblem } from './command-problem.ts'
import { finishCheck } from './finish-check.ts'
import { defineGoal, type GoalOptions } from './goal.ts'
import { runWithReport } from './run-with-report.ts'

const LOOPBACK = /^http:\/\/(127(\.\d{1,3}){3}|localhost|\[::1\])(:(\d{1,5}|\{port\}))?(\/[^?#]*)?$/i
const Path = z
  .string()
  .max(4000)
  .regex(/^\/\S*$/, 'a path begins with / and has no spaces')
const Headers = z.record(
  z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/),
  z
    .string()
    .max(8000)
    .regex(/^[^\r\n\0]*$/),
)

const Request = z.strictObject({
  name: z.string().min(1).max(200).optional().describe('What the request is called; default method and path'),
  method: z
    .enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
    .default('GET')
    .describe('HTTP method'),
  path: Path.describe('With its query, e.g. /items?limit=2'),
  headers: Headers.optional().describe('Sent with the request'),
  body: z.json().optional().describe('Sent as JSON; a text as it is'),
  expect: z
    .strictObject({
      status: z.number().int().min(100).max(599).default(200).describe('Status of the answer'),
      json: z
        .json()
        .optional()
        .describe('What the answer must hold: objects may have more keys, lists no more entries'),
      contains: z.string().optional().describe('A text in the body'),
      headers: Headers.optional().describe('Headers of the answer; what follows a ; in them may be left out'),
    })
    .default({ status: 200 })
    .describe('What the answer must be'),
})

const Settings = z.strictObject({
  start: z
    .string()
    .trim()
    .min(1)
    .max(10_000)
    .describe('Starts the server; {port} is a free port, and PORT is set to it'),
  url: z
    .string()
    .regex(LOOPBACK, 'give a http:// address on this machine, such as http://127.0.0.1:{port}')
    .default('http://127.0.0.1:{port}')
    .describe('Where the server answers; on this machine only'),
  ready_path: Path.default('/').describe('Asked until it answers; any status but 503 will do'),
  ready_seconds: z
    .number()
    .positive()
    .max(600)
    .default(30)
    .describe('How long the server may take to answer'),
  request_seconds: z.number().positive().max(600).default(10).describe('How long one request may take'),
  requests: z
    .array(Request)
    .min(1)
    .max(200)
    .refine(
      requests => JSON.stringify(requests).length <= 90_000,
      'the requests are longer than 90 000 characters together',
    )
    .describe('Sent one after the other; each is a test'),
})
type Settings = z.infer<typeof Settings>
const settingsOf = (options: GoalOptions) => Settings.parse(options.settings)

const Problem = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('taken'), port: z.number() }),
  z.object({ kind: z.literal('ended'), code: z.number().nullable(), signal: z.string().nullable() }),
  z.object({ kind: z.literal('not_ready'), url: z.string(), last: z.string() }),
])
type Problem = z.infer<typeof Problem>
const Report = z.object({
  problem: Problem.nullable(),
  cases: z.array(z.object({ message: z.string().nullable() })),
})

export const apiTest = defineGoal({
  name: 'api-test',
  title: 'A server answers as expected',
  description:
    'Starts the project’s server, waits until it answers, and sends requests whose answers you describe.',
  needsCommand: false,
  settings: Settings,

  async protect() {
    return []
  },

  prompt(options) {
    const { start, url, requests } = settingsOf(options)
    const goal = options.text === 'api-test' ? '' : `The goal: ${options.text}\n\n`
    return (
      `${goal}The server itself starts the project’s server with \`${start}\` after each of your attempts ({port} is a free port, ` +
      `also in PORT), waits until ${url} answers, and sends these requests, in order; what each expects must be in its answer:\n` +
      requests
        .map(one => JSON.stringify(one))
        .join('\n')
        .slice(0, 20_000)
    )
  },

  async check(context) {
    const settings = settingsOf(context.options)
    const { start, requests } = settings
    const names = requests.map(({ name, method, path }) => name ?? `${method} ${path}`)
    let problem: Problem | null = null
    const program = fileURLToPath(new URL('./api-process.mjs', import.meta.url))
    const run = await runWithReport(context, {
      command: start,
      env: {
        CI: 'true',
        RETRAI_API: JSON.stringify(settings),
        RETRAI_API_NODE: process.execPath,
        RETRAI_API_SCRIPT: program,
      },
      probe: {
        reads: [program],
        command: () => '"$RETRAI_API_NODE" "$RETRAI_API_SCRIPT"',
        env: folder => ({ RETRAI_API_REPORT: `${folder}/report.json` }),
        alwaysReports: true,
        async parse(text) {
          const report = parseReport(text)
          if (!report) return null
          problem = report.problem
          return testsFrom(
            names.map((name, i) => {
              const found = report.cases[i]
              if (found?.message === null) return { name, state: 'passed' }
              return {
                name,
                state: 'failed',
                message: found?.message ?? 'The server was not ready to be asked',
              }
            }),
          )
        },
      },
    })
    const { tests } = run
    const why = run.timedOut ? null : explained(problem, settings, run.output)
    const result = await finishCheck(context, {
      // Not a name for the shell to wait for: what follows is said for people.
      command: `${start} # and ${requests.length} ${requests.length === 1 ? 'request' : 'requests'} to it`,
      run,
      tests,
      isUnfinished: tests === null,
      broken: why?.broken ? why.reason : null,
    })
    return why && !why.broken ? { ...result, achieved: false, reason: why.reason } : result
  },
})

function explained(problem: Problem | null, settings: Settings, output: string) {
  if (problem === null) return null
  if (problem.kind === 'taken')
    return {
      broken: true,
      reason: `Something else listens on port ${problem.port} already; end it, or use {port} in start and url`,
    }
  const last = output.trimEnd().split('\n').at(-1)?.slice(0, 300)
  const said = last ? `; its last words: ${last}` : ''
  if (problem.kind === 'not_ready')
    return {
      broken: false,
      reason: `The server did not answer at ${problem.url} within ${settings.ready_seconds} s: ${problem.last}${said}`,
    }
  const missing = missingProgram(settings.start, problem.code, output)
  if (missing) return { broken: true, reason: missing }
  const how = problem.code === null ? `by ${problem.signal}` : `with exit code ${problem.code}`
  return { broken: false, reason: `The server ended ${how} before it answered${said}` }
}

function missingProgram(start: string, exitCode: number | null, output: string): string | null {
  const { length } = output
  const result = {
    exitCode,
    signal: null,
    timedOut: false,
    output,
    bytes: length,
    truncated: false,
    durationMs: 0,
  }
  return commandProblem(start, result)?.replace('another check_command', 'another start command') ?? null
}

function parseReport(text: string): z.infer<typeof Report> | null {
  try {
    return Report.parse(JSON.parse(text))
  } catch {
    return null // Then it did not come to its end.
  }
}
