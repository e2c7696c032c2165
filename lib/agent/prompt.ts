// Everything the model is told in our words. The system prompt and the tools are the same for every run, because they are the
// prefix of the prompt cache; what belongs to one run goes into its first message.
import type { Payload } from '#lib/contract/event'
import type { DiffStat, TestCounts } from '#lib/contract/events/shared'
import type { Network } from '#lib/contract/network'
import { cutForModel } from '#lib/workspace/cut-output'

/** What the first message says, fixed when the run is created. */
export interface Briefing {
  goal: string
  goalPrompt: string
  cwd: string
  instructions: string | null
  isSandboxed: boolean
  /** Of the sandbox; default: nothing. */
  network?: Network
  /** Whether each command has a /tmp of its own in the sandbox, or only a folder for it; default: it has. */
  hasTmp?: boolean
  /** Iterations with the same failures after which the agent is asked to reflect; 0: never. */
  noProgressAfter: number
  /** What a run before this one tried, where this one goes on from it; default: nothing. */
  history?: string | null
}

export const SYSTEM_PROMPT = `You are retrAI, an agent that changes a project until a goal is met.

How it works
- You work in one directory with the tools you are given. Commands run in it, without a terminal and without standard input.
- The goal has a check: a command that the server runs itself, outside of you. Only that check decides whether the goal is met; your own opinion does not.
- You work in attempts. An attempt ends when you call run_check, or when you stop calling tools; then the server runs the check and tells you the result. If it is not met, the next attempt begins.
- The number of attempts and the money are limited, so find the cause before you change anything, and make each attempt count.

How to work
- Look before you edit: read the failing tests' output, the tests, and the code they exercise. Search instead of guessing file names.
- Make the smallest change that fixes the cause. Keep the project's style. Do not leave debugging output, backup files or notes behind.
- Never weaken, skip, delete or special-case the tests or the check, and never make them pass without doing what they test. The check is run with the tests as they were at the start, and changes to them are shown to the user.
- Run the relevant tests yourself with bash_exec before you end an attempt.
- If a tool reports an error, read it: it says what to do. If a result says «interrupted», the server stopped while the tool ran; find out what it did before you repeat it.
- When you end an attempt, say in two or three sentences what you changed and why.`

export function firstText(briefing: Briefing, baseline: Payload<'goal_check'>): string {
  return [
    `<goal>\n${briefing.goal}\n</goal>`,
    briefing.goalPrompt,
    `The project is in ${briefing.cwd}.`,
    briefing.isSandboxed ? sandboxText(briefing) : 'Commands are not sandboxed: stay inside the project.',
    briefing.instructions && `<instructions>\n${briefing.instructions}\n</instructions>`,
    briefing.history && `<earlier_run>\n${briefing.history}\n</earlier_run>`,
    `The check was run before you started: ${baseline.reason}`,
    checkOutput(baseline),
  ]
    .filter(Boolean)
    .join('\n\n')
}

const sandboxText = ({ network = 'off', hasTmp = true }: Briefing) =>
  'Commands run in a sandbox: only the project can be written (of it not .git), ' +
  `${hasTmp ? '/tmp' : 'the folder that TMPDIR names (there is no /tmp)'} and the home directory are empty for ` +
  `each command, and ${networkWords(network)}.`

function networkWords(network: Network): string {
  if (network === 'off') return 'there is no network'
  if (network === 'on') return 'there is a network'
  return `of the network there are these hosts alone, by the proxy that HTTPS_PROXY names: ${network.join(', ')}`
}

/** What the model reads after a check that was not met. */
export function feedbackText(check: Payload<'goal_check'>): string {
  const { tests } = check
  const lines = [`The server ran the check (${check.command}): not met. ${check.reason}`]
  // What changed since the last check comes first: it is what the attempt did.
  if (tests && tests.fixed.length > 0) lines.push(`Fixed since the check before: ${names(tests.fixed)}`)
  if (tests && tests.newly_failing.length > 0)
    lines.push(`Newly failing, so your change broke them: ${names(tests.newly_failing)}`)
  for (const part of check.goals ?? []) if (part.achieved) lines.push(`${part.goal} holds.`)
  if (tests && tests.failing.length > 0) lines.push(`Failing now: ${names(tests.failing)}`)
  lines.push(...detailLines(tests))
  if (check.flags.length > 0) {
    lines.push(`Reported to the user: ${check.flags.map(flag => flag.detail).join(' ')}`)
  }
  lines.push(checkOutput(check))
  return lines.join('\n')
}

export const metText = (check: Payload<'goal_check'>) => `The server ran the check: met. ${check.reason}`
export const noteText = (note: string) => `<note_from_the_user>\n${note}\n</note_from_the_user>`
/** A person had the last attempt undone; `check`: the one that counts again. */
export function undoneText(
  { iteration, left }: Payload<'iteration_undone'>,
  check: Payload<'goal_check'> | null,
): string {
  return [
    `The user looked at what attempt ${iteration} changed and had it undone: the files are as they were before that attempt. ` +
      'What you know of them from then no longer holds; read a file again before you edit it.',
    left.length > 0 &&
      `These could not be put back, or were changed by somebody else meanwhile: ${names(left)}`,
    check && `So what counts is the check before it: ${check.reason}`,
    'Do not make the same change again: find another way.',
  ]
    .filter(Boolean)
    .join('\n')
}

export const cutAnswerText = () =>
  'Your answer was cut off at the output limit. Go on from there, in smaller steps; write large files in several edits.'
export const emptyAnswerText = () =>
  'Your answer was empty. Go on with the work: call a tool, or call run_check when you think the goal is met.'

export interface TriedBefore {
  iteration: number
  text: string | null
  stat: DiffStat | null
  reason: string
}

/** After several attempts that moved nothing. */
export function reflectionText(attempts: TriedBefore[], check: Payload<'goal_check'>): string {
  const tried = attempts.map(({ iteration, text, stat, reason }) => {
    const files = stat?.by_file
      .slice(0, 5)
      .map(({ path }) => path)
      .join(', ')
    const said = text?.replace(/\s+/g, ' ').slice(0, 300)
    return `- Attempt ${iteration}: ${said ?? '(you said nothing)'}${files ? ` Changed: ${files}.` : ' Nothing was changed.'} Then: ${reason}`
  })
  return [
    `The last ${attempts.length} attempts left the same failures. Stop and reflect before you change anything else:`,
    ...tried,
    'What did all of them take for granted that may be wrong? Read the failing check and the code it runs again, state a different cause, ' +
      'and prove it (print, run, bisect) before you edit. If the next attempt changes nothing either, the run ends.',
    check.tests && check.tests.failing.length > 0 ? `Still failing: ${names(check.tests.failing)}` : null,
  ]
    .filter(Boolean)
    .join('\n')
}

export const loopText = (tool: string, times: number) =>
  `You have made the same call (${tool}) with the same result ${times} times now. It will not change by itself: do something else, or end the attempt with run_check.`

const DETAILS_SHOWN = 8
const DETAIL_CHARS = 400

/** What the tool says of the failing ones, with the place. */
function detailLines(tests: TestCounts | null): string[] {
  const said = (tests?.details ?? []).filter(({ message }) => message !== null).slice(0, DETAILS_SHOWN)
  return said.map(({ name, message, file, line }) => {
    const place = file ? ` (${file}${line ? `:${line}` : ''})` : ''
    return `- ${name}${place}: ${message!.trim().slice(0, DETAIL_CHARS)}`
  })
}

const NAMES_SHOWN = 40
const names = (list: string[]) =>
  list.slice(0, NAMES_SHOWN).join(', ') +
  (list.length > NAMES_SHOWN ? ` and ${list.length - NAMES_SHOWN} more` : '')

const CHECK_OUTPUT_CHARS = 12_000
const checkOutput = (check: Payload<'goal_check'>) =>
  `<check_output exit_code="${check.exit_code ?? 'none'}">\n${cutForModel(check.output, CHECK_OUTPUT_CHARS).text}\n</check_output>`
