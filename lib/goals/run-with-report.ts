// Runs a check together with the report its test runner writes. The report is written to a folder outside the project and
// comes back through the command's own output, after a marker: in a sandbox, or on a worker with another user, there is no
// folder that both the command and the server can reach. Nobody sees it: it is taken out of the output again.
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { cutOutput } from '../workspace/cut-output.ts'
import type { CommandResult } from '../workspace/workspace.ts'
import type { CheckTests } from './check-tests.ts'
import { quote } from './command-line.ts'
import type { CheckContext, Tampering } from './goal.ts'

/** How a command is made to report its tests besides printing them. `folder` exists while it runs. */
export interface Probe {
  command(folder: string): string
  env?(folder: string): Record<string, string>
  /** Files of ours that it needs. */
  reads?: string[]
  /** Shell text that makes the report out of what the runner left in the folder; default: nothing to do. */
  afterwards?(folder: string): string
  /** The runner always writes a report: where there is none it did not come to its end, whatever its exit code. */
  alwaysReports: boolean
  /** Reads the files named report* of the folder, put together. */
  parse(report: string): Promise<CheckTests | null>
  /** Adds what the runner only prints, e.g. that a file could not be loaded. */
  complete?(tests: CheckTests | null, output: string): CheckTests | null
  /** What of them says that the code under test reached for its runner; default: nothing is known. */
  tampering?(report: string): Tampering[]
}

export interface ReportedRun extends CommandResult {
  /** null when there was no probe, or it left no report that can be read. */
  tests: CheckTests | null
  /** There is a report, but it is too large to be read. */
  isTooLarge?: boolean
  tampering?: Tampering[]
}

interface Run {
  command: string
  probe: Probe | null
  env?: Record<string, string>
}

const OUTPUT_BYTES = 1024 * 1024
const REPORT_BYTES = 6_000_000
const TOO_LARGE = '"too large"'

/** Never rejects because of the command; rejects with the signal's reason when aborted. */
export async function runWithReport(context: CheckContext, run: Run): Promise<ReportedRun> {
  // Runners keep what they have compiled in the temporary folder: nothing that was left there takes part in a check.
  const temporary = join(tmpdir(), `rt-${randomBytes(6).toString('hex')}`)
  // Not a UUID: npm prints those as ***, and the lines that name the folder are to be found again.
  const id = randomBytes(9).toString('hex')
  const folder = join(tmpdir(), `retrai-check-${id}`)
  const env = { ...run.env, ...run.probe?.env?.(folder), TMPDIR: temporary }
  const { probe } = run
  try {
    if (probe === null) return await runPlainly(context, { command: run.command, env, temporary })
    return await runProbed(context, { command: run.command, probe, env, temporary, folder, id })
  } finally {
    // The command removes them, unless it was killed.
    for (const left of [folder, temporary]) await rm(left, { recursive: true, force: true }).catch(() => {})
  }
}

interface Prepared {
  command: string
  env: Record<string, string>
  temporary: string
}

async function runPlainly(
  { workspace, options, signal, onOutput }: CheckContext,
  { command, env, temporary }: Prepared,
): Promise<ReportedRun> {
  const result = await workspace.run({
    timeoutMs: options.timeoutMs,
    signal,
    command: plainScript(command, temporary),
    env,
    temporary: [temporary],
    // A condition on the output is looked for in more of it than is kept as evidence.
    keepBytes: options.successCondition ? 8 * OUTPUT_BYTES : OUTPUT_BYTES,
    ...(onOutput && { onOutput }),
  })
  return { ...result, tests: null }
}

async function runProbed(
  { workspace, options, signal, onOutput }: CheckContext,
  { probe, env, temporary, folder, id }: Prepared & { probe: Probe; folder: string; id: string },
): Promise<ReportedRun> {
  const [begin, end] = [`<<retrai-report-${id}`, `>>retrai-report-${id}`]
  const result = await workspace.run({
    timeoutMs: options.timeoutMs,
    signal,
    command: script(probe, { folder, temporary, begin, end }),
    env,
    temporary: [temporary, folder],
    ...(probe.reads && { reads: probe.reads }),
    // The report stands in the last half of what is kept.
    keepBytes: 16 * OUTPUT_BYTES,
    ...(onOutput && { onOutput: until(begin, onOutput) }),
  })
  const { output, report } = takeOut(result.output, { begin, end, folder })
  const bytes = result.bytes - (Buffer.byteLength(result.output) - Buffer.byteLength(output))
  if (report?.trim() === TOO_LARGE) return { ...result, output, bytes, tests: null, isTooLarge: true }
  const parsed = report === null ? null : await probe.parse(report)
  const tests = probe.complete ? probe.complete(parsed, output) : parsed
  const tampering = report === null ? [] : (probe.tampering?.(report) ?? [])
  return { ...result, output, bytes, tests, ...(tampering.length > 0 && { tampering }) }
}

function plainScript(command: string, temporary: string): string {
  const dir = quote(temporary)
  return `mkdir -m 700 ${dir} 2>/dev/null\n( ${command}\n)\nretrai_code=$?\nrm -rf ${dir} 2>/dev/null\nexit "$retrai_code"`
}

function script(
  probe: Probe,
  { folder, temporary, begin, end }: { folder: string; temporary: string; begin: string; end: string },
): string {
  const dir = quote(folder)
  return [
    'exec 2>&1',
    `mkdir -m 700 ${dir} ${quote(temporary)} 2>/dev/null`,
    `( ${probe.command(folder)}\n)`,
    'retrai_code=$?',
    ...(probe.afterwards ? [`{ ${probe.afterwards(folder)}\n} >/dev/null 2>&1`] : []),
    `printf '\\n%s\\n' ${quote(begin)}`,
    // A report that would not fit is left out; then the runner's printed summary has to do.
    `if [ "$(cat ${dir}/report* 2>/dev/null | wc -c)" -le ${REPORT_BYTES} ]; then cat ${dir}/report* 2>/dev/null; else echo '${TOO_LARGE}'; fi`,
    `printf '\\n%s\\n' ${quote(end)}`,
    `rm -rf ${dir} ${quote(temporary)} 2>/dev/null`,
    'exit "$retrai_code"',
  ].join('\n')
}

function takeOut(
  whole: string,
  { begin, end, folder }: { begin: string; end: string; folder: string },
): { output: string; report: string | null } {
  // Runners like to say where they wrote their report; nobody asked for it, and its name is another each time.
  const withoutFolder = (text: string) => withoutLinesNaming(basename(folder), text)
  const from = whole.lastIndexOf(`\n${begin}\n`)
  if (from === -1) return { output: withoutFolder(whole), report: null }
  const to = whole.indexOf(`\n${end}`, from)
  if (to === -1) return { output: withoutFolder(whole.slice(0, from)), report: null }
  const report = whole.slice(from + begin.length + 2, to)
  // After the end there may be a note of the workspace, e.g. that something was left in the background.
  const note = whole.slice(to + end.length + 2)
  return {
    output: withoutFolder(whole.slice(0, from)) + (note && `\n${note}`),
    report: report.trim() ? report : null,
  }
}

function withoutLinesNaming(name: string, text: string): string {
  const kept: string[] = []
  let from = 0
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, from)) {
    kept.push(text.slice(from, text.lastIndexOf('\n', at) + 1))
    const end = text.indexOf('\n', at)
    from = end === -1 ? text.length : end + 1
  }
  kept.push(text.slice(from))
  return kept.join('')
}

/** Passes output on until the marker comes, however the pieces are cut. */
function until(marker: string, onOutput: (chunk: string) => void): (chunk: string) => void {
  const full = `\n${marker}`
  let held = ''
  let over = false
  return chunk => {
    if (over) return
    const text = held + chunk
    const at = text.indexOf(full)
    over = at !== -1
    // Only what could be the beginning of the marker waits for the next piece.
    const possible = text.lastIndexOf('\n')
    const keepFrom = over
      ? at
      : possible !== -1 && full.startsWith(text.slice(possible))
        ? possible
        : text.length
    held = text.slice(keepFrom)
    if (keepFrom > 0) onOutput(text.slice(0, keepFrom))
  }
}

/** The output as it is kept as evidence. */
export function asEvidence(result: CommandResult): { output: string; truncated: boolean } {
  const cut = cutOutput(result.output, { headBytes: OUTPUT_BYTES / 4, tailBytes: (OUTPUT_BYTES * 3) / 4 })
  return { output: cut.text, truncated: result.truncated || cut.truncated }
}
