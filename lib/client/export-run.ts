// A run in the formats that other tools take: JUnit XML for CI, JSON and Markdown for people and scripts, a patch for git.
// Pure, so that command line and dashboard give the same.
import type { Evidence } from '#lib/contract/evidence'
import type { Iteration } from '#lib/contract/run-history'
import type { Run } from '#lib/contract/runs'
import { sandboxText } from '#lib/contract/sandbox-mode'
import { cost, count, duration } from './format.ts'

export const EXPORT_FORMATS = ['junit', 'json', 'md', 'patch'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

export interface ExportedRun {
  run: Run
  iterations: Iteration[]
  /** null: no check of the run was kept, e.g. because it ended before one. */
  evidence: Evidence | null
  /** The whole change as a unified diff; '' for none. */
  patch: string
}

export function exportRun(format: ExportFormat, exported: ExportedRun): string {
  switch (format) {
    case 'junit':
      return toJunit(exported)
    case 'json':
      return `${JSON.stringify(exported, null, 2)}\n`
    case 'md':
      return toMarkdown(exported)
    case 'patch':
      return exported.patch
    default:
      return format satisfies never
  }
}

/** The last check as a test report. A check without tests is one test case: the check. */
function toJunit({ run, evidence }: ExportedRun): string {
  const seconds = ((evidence?.duration_ms ?? 0) / 1000).toFixed(3)
  const cases = evidence?.tests?.cases ?? []
  const shown = cases.length > 0 ? cases : [wholeCheck(run, evidence)]
  const failed = shown.filter(({ state }) => state === 'failed').length
  const skipped = shown.filter(({ state }) => state === 'skipped').length
  const body = shown.map(({ name, state, message, file, line }) => {
    const [suite, test] = split(name)
    const place = `${file ? ` file="${xml(file)}"` : ''}${line ? ` line="${line}"` : ''}`
    const open = `    <testcase classname="${xml(suite)}" name="${xml(test)}"${place}`
    if (state === 'passed') return `${open}/>`
    if (state === 'skipped')
      return `${open}>\n      <skipped${message ? ` message="${xml(first(message))}"` : ''}/>\n    </testcase>`
    return `${open}>\n      <failure message="${xml(first(message ?? 'failed'))}">${xml(message ?? '')}</failure>\n    </testcase>`
  })
  // Green tests do not make an achieved run: an integrity flag or a condition may say no.
  const verdict = run.status === 'achieved' || failed > 0 ? [] : [verdictCase(run)]
  const all = [...body, ...verdict]
  const failures = failed + verdict.length
  const counts = `tests="${all.length}" failures="${failures}" errors="0" skipped="${skipped}" time="${seconds}"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="retrai" ${counts}>`,
    `  <testsuite name="${xml(run.goal_name)}" id="${run.run_id}" timestamp="${evidence?.checked_at ?? run.created_at}" ${counts}>`,
    '    <properties>',
    ...Object.entries(facts(run, evidence)).map(
      ([name, value]) => `      <property name="${xml(name)}" value="${xml(value)}"/>`,
    ),
    '    </properties>',
    ...all,
    `    <system-out>${xml(evidence?.output ?? '')}</system-out>`,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

const wholeCheck = (run: Run, evidence: Evidence | null) => ({
  name: evidence?.command || run.goal_name,
  state: evidence?.achieved ? ('passed' as const) : ('failed' as const),
  message: evidence?.reason ?? run.reason ?? 'no check was made',
  file: undefined,
  line: undefined,
})

const verdictCase = (run: Run) =>
  `    <testcase classname="retrai" name="the goal is met">\n      <failure message="${xml(first(run.reason ?? run.status))}">${xml(run.reason ?? run.status)}</failure>\n    </testcase>`

/** `suite` and `test` of a name in any runner's way of writing it. */
function split(name: string): [string, string] {
  const at = Math.max(name.lastIndexOf('::'), name.lastIndexOf(' > '), name.lastIndexOf(' › '))
  if (at <= 0) return ['', name]
  return [name.slice(0, at), name.slice(at + (name.startsWith('::', at) ? 2 : 3))]
}

const first = (text: string) => text.split('\n')[0]!.slice(0, 500)

function facts(run: Run, evidence: Evidence | null): Record<string, string> {
  return {
    run_id: run.run_id,
    goal: run.goal,
    status: run.status,
    outcome: run.outcome ?? '',
    reason: run.reason ?? '',
    command: evidence?.command ?? '',
    exit_code: String(evidence?.exit_code ?? ''),
    model: run.model_name,
    iterations: String(run.iteration),
    evidence: evidence?.digest ?? '',
  }
}

function toMarkdown({ run, iterations, evidence, patch }: ExportedRun): string {
  const lines = [
    `# ${oneLine(run.goal)}`,
    '',
    `**${run.status}**${run.outcome && run.outcome !== run.status ? ` (${run.outcome})` : ''}: ${oneLine(run.reason ?? '')}`,
    '',
    '| | |',
    '|---|---|',
    ...row('Run', code(run.run_id)),
    ...row('Goal', code(run.goal_name)),
    ...row('Check', evidence && code(evidence.command)),
    ...row('Directory', code(run.cwd)),
    ...row(
      'Model',
      run.scripted ? `${code(run.model_name)} (scripted: no model was called)` : code(run.model_name),
    ),
    ...row('Iterations', `${run.iteration} of ${run.max_iterations}`),
    ...row('Tokens', `${run.total_tokens}, ${cost(run.estimated_cost_usd)}`),
    ...row('Started', run.created_at),
    ...row('Ended', run.ended_at),
    ...row('Judged', run.judged ? 'by a model, not by a command' : null),
    '',
  ]
  if (iterations.length > 0) lines.push('## Iterations', '', ...table(iterations), '')
  if (evidence) lines.push('## The last check', '', ...checkLines(evidence), '')
  if (patch) lines.push('## Changes', '', ...fence('diff', patch), '')
  return lines.join('\n')
}

function table(iterations: Iteration[]): string[] {
  return [
    '| # | failing | fixed | newly failing | changes | cost | check |',
    '|---:|---|---:|---:|---|---:|---|',
    ...iterations.map(({ iteration, progress, tests, diff_stat, cost_usd, reason }) => {
      const failing = progress?.failing_after ?? tests?.failed
      const before = progress?.failing_before
      const cells = [
        iteration,
        failing === undefined || failing === null
          ? ''
          : before === null || before === undefined
            ? failing
            : `${before} → ${failing}`,
        progress?.fixed.length ?? '',
        progress?.newly_failing.length ?? '',
        diff_stat ? `+${diff_stat.insertions} −${diff_stat.deletions}` : '',
        cost(cost_usd),
        cell(reason ?? ''),
      ]
      return `| ${cells.join(' | ')} |`
    }),
  ]
}

function checkLines(evidence: Evidence): string[] {
  const { tests, flags, confirmations } = evidence
  const protectedFiles = evidence.protected.filter(({ state }) => state !== 'unchanged')
  return [
    `${code(evidence.command)} ended with exit code ${evidence.exit_code ?? 'none'} after ${duration(evidence.duration_ms)}: ${oneLine(evidence.reason)}`,
    '',
    ...(tests ? [`- ${tests.passed} passed, ${tests.failed} failed, ${tests.skipped} skipped`] : []),
    ...(confirmations.length > 0 ? [`- run again ${count(confirmations.length, 'time')}`] : []),
    `- ${count(evidence.protected_total, 'protected file')}, ${protectedFiles.length === 0 ? 'none touched' : protectedFiles.map(({ path, state }) => `${code(path)} ${state}`).join(', ')}`,
    `- ${evidence.environment.platform}, Node ${evidence.environment.node}, sandbox ${sandboxText(evidence.environment.sandbox)}`,
    `- evidence ${code(evidence.digest)}`,
    ...flags.map(flag => `- ⚠ ${flag.code}: ${oneLine(flag.detail)}`),
    '',
    ...fence('text', evidence.output.slice(-20_000)),
  ]
}

const row = (name: string, value: string | null) => (value ? [`| ${name} | ${cell(value)} |`] : [])
const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim()
const cell = (text: string) => oneLine(text).replaceAll('|', '\\|')

/** As code, whatever backticks are in it. */
function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const mark = '`'.repeat(longest + 1)
  const pad = longest > 0 ? ' ' : ''
  return `${mark}${pad}${oneLine(text)}${pad}${mark}`
}

function fence(language: string, text: string): string[] {
  const longest = Math.max(2, ...[...text.matchAll(/^\s*(`{3,})/gm)].map(([, run]) => run!.length))
  const mark = '`'.repeat(longest + 1)
  return [`${mark}${language}`, text.trimEnd(), mark]
}

// XML 1.0 has no control characters, not even escaped ones.
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu

const xml = (text: string) =>
  text
    .replace(NOT_XML, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
