// The gate in a terminal: what changed, what to look at, and the question.
import { cost } from '#lib/client/format'
import type { EventOf } from '#lib/contract/event'
import type { DecisionWord } from '#lib/contract/events/human-check-response'
import { type Resume, resumeRun } from '#lib/contract/gates'
import { getDiff } from '#lib/contract/run-history'
import { ask } from './ask.ts'
import { askedLines, isAboutRunning } from './asked-lines.ts'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import type { Paint } from './colour.ts'
import { flagText, linesOfDiff } from './event-lines.ts'
import { spelled } from './harmless.ts'
import { openBrowser } from './open-browser.ts'
import { patiently } from './patiently.ts'
import type { Session } from './session.ts'
import type { Gate } from './watch-run.ts'

const QUESTION =
  '[a]pprove  [n]ote and approve  [r]est of the run  [u]ndo and go on  [d]iff  [w]eb  [x] abort the run: '
const UNDO_QUESTION = 'Put back what this iteration changed? y, or why, for the agent; ↵ leaves it: '
const CHECK_QUESTION = '[a]pprove  [n]ote and approve  [d]iff  [w]eb  [x] abort the run: '
const COMMAND_QUESTION = '[a]pprove once  [d]eny  [n]ote and deny  [w]eb  [x] abort the run: '
const CONFIG_QUESTION = '[a]ccept and start  [w]eb  [x] abort the run: '
const FILES_SHOWN = 12

export async function promptAtGate(
  { client, session, gate }: { client: Client; session: Session; gate: Gate },
  signal: AbortSignal,
): Promise<'go on' | 'interrupt'> {
  const { output, place } = session
  const { hold } = output
  const { run_id, payload } = gate
  const { command, config } = payload
  let reviewed = payload.diff_hash ?? undefined
  for (const line of gateLines(gate, output.paintProgress)) output.notice(line)

  const onLost = () => output.progress('The server does not answer; asking again')

  async function decide(decision: DecisionWord, more: Partial<Resume> = {}): Promise<boolean> {
    try {
      const body = {
        decision,
        gate_id: payload.gate_id,
        ...more,
        reviewed: decision === 'approve' || decision === 'undo' ? reviewed : undefined,
      }
      // The same decision twice counts once.
      await patiently(() => client.call(resumeRun, { params: { run_id }, body }), { signal, onLost })
      return true
    } catch (error) {
      if (!(error instanceof CliError) || !error.problem) throw error
      output.notice(error.message)
      // What is there now has to be seen before it can be approved.
      if (error.problem.code === 'diff_changed') {
        await showDiff()
        return false
      }
      if (error.problem.status === 409) return true // decided elsewhere, or over
      throw error
    }
  }

  async function showDiff() {
    const diff = await patiently(() => client.call(getDiff, { params: { run_id } }), { signal, onLost })
    if (!diff) return output.notice('There is no diff: git is not installed where the run is.')
    reviewed = diff.diff_hash
    for (const line of diffLines(diff.patch, output.paintProgress)) output.notice(line)
    if (diff.truncated) output.notice('(cut; the rest is on the page)')
  }

  for (;;) {
    const question = questionOf(payload)
    const reply = await ask({ ...place, question, signal, hold })
    if (reply.kind === 'interrupted') return 'interrupt'
    if (reply.kind === 'cancelled') {
      if (!signal.aborted) output.notice(waitingLine(client, gate))
      return 'go on'
    }
    switch (reply.text.toLowerCase()) {
      case 'a':
      case 'approve':
        if (await decide('approve')) return 'go on'
        break
      case 'x':
      case 'abort':
        if (await decide('abort')) return 'go on'
        break
      case 'deny':
        if (command && (await decide('deny'))) return 'go on'
        break
      case 'n': {
        if (config) break
        const note = await ask({ ...place, question: 'Note to the agent: ', signal, hold })
        if (note.kind === 'interrupted') return 'interrupt'
        if (
          note.kind === 'answer' &&
          note.text !== '' &&
          (await decide(command ? 'deny' : 'approve', { note: note.text }))
        )
          return 'go on'
        break
      }
      case 'r':
      case 'rest':
        if (isAfterIteration(payload) && (await decide('approve', { approve_next: 'rest' }))) return 'go on'
        break
      case 'u':
      case 'undo': {
        if (!isAfterIteration(payload)) break
        const why = await ask({ ...place, question: UNDO_QUESTION, signal, hold })
        if (why.kind === 'interrupted') return 'interrupt'
        if (why.kind !== 'answer' || why.text === '') break
        const note = /^y(es)?$/i.test(why.text) ? undefined : why.text
        if (await decide('undo', { note })) return 'go on'
        break
      }
      case 'd':
        if (command) {
          if (await decide('deny')) return 'go on'
        } else if (!config) await showDiff()
        break
      case 'w':
        openBrowser(client.pageOf(run_id))
        break
    }
  }
}

const isAfterIteration = ({ kind = 'iteration' }: Gate['payload']) => kind === 'iteration'

function questionOf(payload: Gate['payload']): string {
  if (payload.command) return COMMAND_QUESTION
  if (payload.config) return CONFIG_QUESTION
  return isAfterIteration(payload) ? QUESTION : CHECK_QUESTION
}

export function waitingLine(client: Client, { run_id, payload }: Gate): string {
  const short = run_id.slice(0, 8)
  const page = client.pageOf(run_id)
  if (payload.command)
    return `A command waits for a person: ${onLine(payload.command.command)} · ${page} (or \`retrai approve ${short}\`, \`retrai deny ${short}\`)`
  if (payload.config)
    return `The settings of the project wait for a person: ${onLine(payload.summary)} · ${page} (or \`retrai approve ${short}\`)`
  return `Iteration ${payload.iteration} waits for a person: ${page} (or \`retrai approve ${short}\`)`
}

export function gateLines({ payload }: EventOf<'human_check_required'>, paint: Paint): string[] {
  const { tests, failing_before, diff_stat, flags, agent_says, cost_usd, iteration_cost_usd, check } = payload
  if (isAboutRunning(payload))
    return [
      ...askedLines(payload, paint),
      ...flags.map(flag => paint('yellow', `  look at: ${onLine(flagText(flag))}`)),
    ]
  const files = diff_stat?.by_file.slice(0, FILES_SHOWN) ?? []
  const more = (diff_stat?.files ?? 0) - files.length
  return [
    '',
    paint('bold', `Gate after iteration ${payload.iteration}`),
    `  ${onLine(payload.summary)}`,
    ...(tests && failing_before !== null
      ? [`  failing: ${failing_before} → ${tests.failed} of ${tests.total}`]
      : []),
    `  cost: ${cost(iteration_cost_usd)} in this iteration, ${cost(cost_usd)} in all`,
    ...(agent_says ? [`  the agent: ${onLine(agent_says)}`] : []),
    ...(diff_stat ? [`  changes: ${linesOfDiff(diff_stat)}`] : []),
    ...files.map(
      file =>
        `    ${paint('green', `+${file.insertions}`)} ${paint('red', `−${file.deletions}`)} ${onLine(file.path)}`,
    ),
    ...(more > 0 ? [`    and ${more} more`] : []),
    ...flags.map(flag => paint('yellow', `  look at: ${onLine(flagText(flag))}`)),
    ...(check ? checkLines(check, paint) : []),
  ]
}

/** What would judge the run from now on: all of it, because approving it is approving that it may run. */
function checkLines({ command, files }: NonNullable<Gate['payload']['check']>, paint: Paint): string[] {
  const text = (content: string) => spelled(content).trimEnd().split('\n')
  return [
    paint('bold', '  the check that was written:'),
    ...text(command).map(line => `    $ ${line}`),
    ...files.flatMap(({ path, content }) => [
      paint('bold', `  ${onLine(path)}`),
      ...text(content).map(line => `    ${line}`),
    ]),
  ]
}

export function diffLines(patch: string, paint: Paint): string[] {
  return spelled(patch)
    .trimEnd()
    .split('\n')
    .map(line => {
      if (/^(diff |index |--- |\+\+\+ )/.test(line)) return paint('bold', line)
      if (line.startsWith('@@')) return paint('cyan', line)
      if (line.startsWith('+')) return paint('green', line)
      return line.startsWith('-') ? paint('red', line) : line
    })
}

/** On one line, with everything that hides spelled. */
const onLine = (text: string) => spelled(text).replace(/\s+/g, ' ').trim()
