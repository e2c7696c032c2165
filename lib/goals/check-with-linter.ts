// The check of a goal that is one linter or type checker: run it, learn its findings. No findings is good, no files is not.
import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import { type CheckTests, problemsFrom } from './check-tests.ts'
import { callsIn, quote, withoutAnsi } from './command-line.ts'
import { commandProblem, isProgramMissing } from './command-problem.ts'
import { findTool } from './find-tool.ts'
import { brokenCheck, finishCheck } from './finish-check.ts'
import type { CheckContext, CheckResult } from './goal.ts'
import { LINT_READER } from './lint-reader.ts'
import { type Linter, programOf } from './linter.ts'
import { readPackage } from './package-json.ts'
import { extendLastCall, type Scripts, scriptsOf } from './probe.ts'
import { type Probe, runWithReport } from './run-with-report.ts'
import { withVersion } from './tool-version.ts'

/** The linter as the goal: the command of the user, else that of the first check, else the tool that is found. */
export async function checkWithLinter(context: CheckContext, linter: Linter): Promise<CheckResult> {
  const command = context.options.checkCommand ?? context.pinned ?? (await linterCommand(context, linter))
  if (command === null) {
    const usual = `${linter.tool.program} ${await linter.args(context.workspace)}`.trim()
    return brokenCheck(usual, await linter.missing(context.workspace))
  }
  return runLinter(context, command, linter)
}

/** As a person would type it; null when the linter is not there. */
export async function linterCommand(context: CheckContext, linter: Linter): Promise<string | null> {
  const found = await findTool(context, linter.tool)
  return found && `${found} ${await linter.args(context.workspace)}`.trim()
}

/** `linter` null: nothing is known of the command, and its exit code decides. */
export async function runLinter(
  context: CheckContext,
  command: string,
  linter: Linter | null,
): Promise<CheckResult> {
  const scripts = await readScripts(context)
  const report: LintReport = { findings: [], checked: null, more: 0, isRead: false }
  const probe = linter && lintProbe(linter, command, scripts, context.workspace.root, report)
  const { done: ran, tools } = await withVersion(context, command, linter?.tool ?? NO_TOOL, () =>
    runWithReport(context, {
      command,
      probe,
      env: { CI: 'true', NO_COLOR: '1', PYTHONDONTWRITEBYTECODE: '1', ...linter?.env },
    }),
  )
  const failed = ran.exitCode !== 0
  const errors = report.findings.filter(({ isError }) => isError)
  // Warnings count where the tool itself says so: it fails without an error.
  const found = errors.length === 0 && failed ? report.findings : errors
  const tests = report.isRead ? problemsOf(found, report.more) : null
  const shown = linter && linter.report !== 'shown' && report.isRead ? printed(report) : ''
  if (shown) context.onOutput?.(shown)
  const run = { ...ran, output: ran.output + shown, bytes: ran.bytes + Buffer.byteLength(shown) }
  const isMissing =
    linter !== null && !report.isRead && failed && isProgramMissing(linter.tool.program, run.output)
  const broken = run.timedOut
    ? null
    : isMissing
      ? await linter.missing(context.workspace)
      : (commandProblem(command, run) ??
        (linter && probe && (report.isRead || !failed || isAlone(command, scripts))
          ? problemOf(linter, report, found, failed, run.output)
          : null))
  return { ...(await finishCheck(context, { command, run, tests, broken })), tools }
}
const NO_TOOL = { program: '' }

/** Whether nothing else can have failed before the linter. */
const isAlone = (command: string, scripts: Scripts) => {
  const texts = [command, ...scriptsOf(command, scripts)]
  return texts.every(text => callsIn(text).length === 1)
}

interface Finding {
  file: string
  line: number | null
  rule: string
  message: string
  isError: boolean
}

interface LintReport {
  findings: Finding[]
  /** null: not known. */
  checked: number | null
  /** Errors that there was no room for. */
  more: number
  /** Whether there was a report that could be read. */
  isRead: boolean
}

function problemOf(
  linter: Linter,
  report: LintReport,
  found: Finding[],
  failed: boolean,
  output: string,
): string | null {
  const text = withoutAnsi(output.slice(-64 * 1024))
  const isOwn = found.length > 0 && found.every(finding => linter.isOwnProblem?.(finding) ?? false)
  if (isOwn) return cannotStart(linter, found.map(({ rule, message }) => `${rule}: ${message}`).join(' '))
  if (found.length > 0) return null
  if (report.checked === 0 || linter.nothing?.test(text))
    return `${linter.name} checked nothing: it found no files to check; ${linter.advice ?? 'see its configuration, or give a check_command that names them'}`
  if (failed) return cannotStart(linter, wordsIn(text))
  return report.isRead ? null : `${linter.name} left no report that can be read, although the exit code is 0`
}

const cannotStart = ({ name }: Linter, words: string) =>
  `${name} cannot do its work${words === '' ? '' : `: ${words.slice(0, 400)}`}`

/** The first lines that say something. */
const wordsIn = (text: string) =>
  text
    .split('\n')
    .map(line => line.trim())
    .filter(
      line =>
        /[a-z]{3}/i.test(line) &&
        !/^(Oops! Something went wrong|ESLint: [\d.]+|> |npm (?:notice|warn)|at )/.test(line),
    )
    .slice(0, 3)
    .join(' ')

function problemsOf(findings: Finding[], more: number): CheckTests {
  const rest = more > 0 ? [{ name: `(${more} more)`, message: 'There was no room for all problems' }] : []
  return problemsFrom([
    ...findings.map(({ file, line, rule, message }) => ({
      // Without the line: it moves with what is written above it.
      name: [file, rule, message.split('\n')[0]!.slice(0, 200)].filter(part => part !== '').join(' '),
      message: `${message} (${rule})`,
      ...(file !== '' && { file }),
      ...(line !== null && { line }),
    })),
    ...rest,
  ])
}

/** A tool that reports to a program prints nothing for people. */
function printed({ findings, checked }: LintReport): string {
  const lines = findings.slice(0, 5000).map(({ file, line, rule, message, isError }) => {
    const place = [file, line].filter(part => part !== null && part !== '').join(':')
    return `${place === '' ? '' : `${place}: `}${isError ? 'error' : 'warning'}: ${message} (${rule})`
  })
  const files = checked === null ? '' : ` in ${checked} ${checked === 1 ? 'file' : 'files'}`
  const count = findings.length === 1 ? '1 finding' : `${findings.length} findings`
  return `${[...lines, `${count}${files}`].join('\n')}\n`
}

function lintProbe(
  linter: Linter,
  command: string,
  scripts: Scripts,
  root: string,
  report: LintReport,
): Probe | null {
  // Only whether it can be done; the folder is not known yet.
  if (!extended(linter, command, scripts, '/')) return null
  return {
    command(folder) {
      const out = quote(`${folder}/out`)
      const call = extended(linter, command, scripts, folder) ?? command
      if (linter.report === 'file') return call
      // tsc lists the files it checked, for us alone.
      const text = linter.format === 'tsc' ? `grep -v '^/' ${out}` : `cat ${out}`
      const show = linter.report === 'shown' ? text : `grep -q '^[[{]' ${out} || cat ${out}`
      const streams = linter.report === 'shown' ? `>${out} 2>&1` : `>${out}`
      return `( ${call}\n) ${streams}\nretrai_lint=$?\n${show}\nexit "$retrai_lint"`
    },
    afterwards: folder => `node -e ${quote(LINT_READER)} ${linter.format} ${quote(folder)} ${quote(root)}`,
    alwaysReports: true,
    async parse(text) {
      await readReport(text, report)
      return null
    },
  }
}

function extended(linter: Linter, command: string, scripts: Scripts, folder: string): string | null {
  const optionsOf = (call: string[]) => {
    const { program, args } = programOf(call)
    return linter.isCall(program, args)
      ? (file: string) => linter.options({ file, folder: quote(folder) }, args)
      : null
  }
  const [before, after] = command.split(' -- ', 2)
  // What follows `--` is for another program, e.g. for clippy, and not for cargo.
  if (linter.format === 'cargo' && before !== undefined && after !== undefined) {
    const call = extendLastCall(before, scripts, optionsOf)
    return call && `${call(quote(`${folder}/out`))} -- ${after}`
  }
  return extendLastCall(command, scripts, optionsOf)?.(quote(`${folder}/out`)) ?? null
}

const Row = z.tuple([z.string(), z.number().nullable(), z.string(), z.string(), z.boolean()])
const End = z.object({ checked: z.number().nullable(), more: z.number() })

async function readReport(text: string, report: LintReport): Promise<void> {
  for (const [index, line] of text.split('\n').entries()) {
    if (index % 2000 === 1999) await setImmediate()
    const value = parseJson(line)
    const end = End.safeParse(value)
    if (end.success) Object.assign(report, end.data, { isRead: true })
    const row = Row.safeParse(value)
    if (!row.success) continue
    const [file, at, rule, message, isError] = row.data
    report.findings.push({ file, line: at, rule, message, isError })
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // an empty line, or one that was cut
  }
}

async function readScripts({ workspace }: CheckContext): Promise<Scripts> {
  const found = await readPackage(workspace)
  return typeof found === 'string' ? {} : found.scripts
}
