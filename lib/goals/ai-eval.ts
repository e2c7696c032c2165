// From words to a check: a model writes a test harness, a person approves it at a gate, and from then on it judges like any
// other command, protected, and outside of the agent's reach.
import { posix } from 'node:path'
import { z } from 'zod'
import { AppError } from '../errors.ts'
import { commandProblem } from './command-problem.ts'
import { brokenCheck, finishCheck } from './finish-check.ts'
import { defineGoal, type Work, type WrittenCheck } from './goal.ts'
import { runTests } from './run-tests.ts'

/** Where the files of the check are while it runs. */
export const CHECK_FOLDER = '.retrai-check'

const Settings = z.strictObject({
  criteria: z
    .string()
    .max(20_000)
    .default('')
    .describe('What the check has to look at, besides the goal itself'),
})

const Written = z.object({
  command: z.string().min(1).max(2000),
  files: z
    .array(z.object({ path: z.string().min(1).max(200), content: z.string().max(200_000) }))
    .min(1)
    .max(20),
  explanation: z.string().max(4000).default(''),
})

const SYSTEM = `You write checks. A check is a small set of files and one command that ends with exit code 0 exactly when a goal is met, in a project that somebody else will change until it does.
A good check exercises the behaviour that the goal asks for with several inputs, ordinary and awkward ones, through the project's own interfaces; it prints what failed; it does not depend on the network, on the time or on files outside of the project; it cannot pass because nothing ran.
Prefer the project's own language and its built-in test runner (node --test, python -m unittest, pytest if it is there, go test, cargo test) and put every file into the folder ${CHECK_FOLDER}/. The command runs in the project's root.
Answer with one JSON object and nothing else: {"command": "…", "files": [{"path": "${CHECK_FOLDER}/…", "content": "…"}], "explanation": "what is checked, for the person who approves it"}`

export const aiEval = defineGoal({
  name: 'ai-eval',
  title: 'A check written for this goal passes',
  description:
    'A model writes a check from your words; you approve it at a gate, and from then on it decides. What you type as the goal says what to check.',
  needsCommand: false,
  settings: Settings,

  async protect() {
    return [`${CHECK_FOLDER}/**`]
  },

  prompt: ({ text, settings }) =>
    `The goal: ${text === 'ai-eval' ? '' : text}${settings.criteria ? `\n${settings.criteria}` : ''}\n\nA check was written for it and ` +
    'approved by a person. The server runs it after each of your attempts, from files that are not in the project otherwise.',

  async writeCheck({ options, workspace, work, signal }) {
    const listed = await workspace.run({
      command: 'git ls-files 2>/dev/null | head -200 || ls -R | head -200',
      timeoutMs: 20_000,
      signal,
    })
    const text = [
      `The goal: ${options.text}`,
      options.settings.criteria ? `What the check has to look at: ${options.settings.criteria}` : null,
      `The project’s files:\n${listed.output.trim() || (await listing(workspace.run, signal))}`,
    ]
    return ask(work, text.filter(Boolean).join('\n\n'))
  },

  async check(context) {
    const { written } = context
    if (!written) return brokenCheck('', 'No check was written for this goal yet')
    const { command } = written
    const { run, tests, isUnfinished } = await runTests(context, {
      command,
      env: { CI: 'true', PYTHONDONTWRITEBYTECODE: '1' },
    })
    const broken = run.timedOut ? null : commandProblem(command, run)
    return finishCheck(context, { command, run, tests, isUnfinished, broken })
  },
})

async function listing(
  run: Parameters<NonNullable<(typeof aiEval)['writeCheck']>>[0]['workspace']['run'],
  signal: AbortSignal,
): Promise<string> {
  const { output } = await run({
    command: "find . -type f -not -path '*/.git/*' -not -path '*/node_modules/*' | head -200",
    timeoutMs: 20_000,
    signal,
  })
  return output
}

/** Asks, and once more where the answer will not do. */
async function ask(work: Work, text: string): Promise<WrittenCheck> {
  let problem = ''
  for (let attempt = 0; attempt < 2; attempt++) {
    const hint =
      problem && `\n\nYour last answer could not be used: ${problem}. Only the JSON object, please.`
    const answer = readCheck(await work.ask({ system: SYSTEM, text: text + hint, purpose: 'write_check' }))
    if (typeof answer !== 'string') return answer
    problem = answer
  }
  throw new AppError('invalid', `The model wrote no check that can be used: ${problem}`)
}

/** The check in an answer, or why there is none. */
export function readCheck(text: string): WrittenCheck | string {
  const json = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return 'it is not a JSON object'
  }
  const parsed = Written.safeParse(value)
  if (!parsed.success) return z.prettifyError(parsed.error)
  const outside = parsed.data.files.find(({ path }) => !isInFolder(path))
  if (outside) return `${outside.path} is not in ${CHECK_FOLDER}/`
  return parsed.data
}

function isInFolder(path: string): boolean {
  return posix.normalize(path) === path && path.startsWith(`${CHECK_FOLDER}/`) && !path.includes('\0')
}
