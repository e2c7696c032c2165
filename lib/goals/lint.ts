import type { Workspace } from '../workspace/workspace.ts'
import { linterCommand, runLinter } from './check-with-linter.ts'
import { callsIn } from './command-line.ts'
import { eslintLinter } from './eslint.ts'
import { brokenCheck } from './finish-check.ts'
import { type CheckContext, defineGoal } from './goal.ts'
import { type Linter, programOf } from './linter.ts'
import { otherLinters } from './other-linters.ts'
import { readPackage } from './package-json.ts'
import { type Scripts, scriptsOf } from './probe.ts'
import { ruffLinter } from './ruff.ts'

const LINTERS: readonly Linter[] = [eslintLinter, ruffLinter, ...otherLinters]

const NONE =
  'No linter is configured in this project: add the configuration of one (eslint, ruff, biome, golangci-lint, rubocop, ' +
  'phpstan, flake8, clippy), a lint script in package.json, or give a check_command'

export const lint = defineGoal({
  name: 'lint',
  title: 'The project’s linter finds no problems',
  description:
    'Runs the lint script of package.json, else the linter that the project configures: eslint, ruff, biome, golangci-lint, ' +
    'rubocop, phpstan, flake8, clippy, go vet.',
  needsCommand: false,

  async protect() {
    return [...new Set(LINTERS.flatMap(({ configs }) => configs))]
  },
  protectKeys: [
    ...['lint', 'prelint', 'postlint'].map(name => ({ file: 'package.json', path: ['scripts', name] })),
    ...LINTERS.flatMap(({ keys }) => keys ?? []),
  ],
  governs: [...new Set(LINTERS.flatMap(({ configs }) => configs))],
  tool: {
    programs: LINTERS.flatMap(({ identity }) => identity.programs ?? []),
    npmPackages: LINTERS.flatMap(({ identity }) => identity.npmPackages ?? []),
    pythonModules: LINTERS.flatMap(({ identity }) => identity.pythonModules ?? []),
    homeFiles: LINTERS.flatMap(({ identity }) => identity.homeFiles ?? []),
  },
  silences: new RegExp([...new Set(LINTERS.map(({ silences }) => silences.source))].join('|')),

  prompt: ({ checkCommand }) =>
    `The goal: the linter of this project finds no problems. It is judged by ${checkCommand ? `\`${checkCommand}\`` : 'the linter that the project configures'}, ` +
    'which the server itself runs after each of your attempts. Fix the code: changes to the linter’s configuration do not ' +
    'count, and a comment that hides a problem does not solve it.',

  async check(context) {
    const { workspace, options } = context
    const scripts = await scriptsIn(workspace)
    const given = options.checkCommand ?? context.pinned ?? (scripts.lint ? 'npm run lint' : null)
    if (given !== null) return runLinter(context, given, linterOf(given, scripts))
    return checkConfigured(context)
  },

  async detect(workspace) {
    const { lint: script } = await scriptsIn(workspace)
    if (script) return { why: `package.json has a lint script: ${JSON.stringify(script.slice(0, 100))}` }
    const [first] = await configured(workspace)
    // That a project is written in Go or Rust does not yet say that it is linted.
    return first?.why.includes('configures') ? { why: first.why } : null
  },
})

/** The first that is configured and there; where none is there, how to install the first. */
async function checkConfigured(context: CheckContext) {
  const fitting = await configured(context.workspace)
  for (const { linter } of fitting) {
    const command = await linterCommand(context, linter)
    if (command !== null) return runLinter(context, command, linter)
  }
  const [first] = fitting
  if (!first) return brokenCheck('lint', NONE)
  return brokenCheck(first.linter.name, `${await first.linter.missing(context.workspace)} (${first.why})`)
}

async function configured(workspace: Workspace): Promise<{ linter: Linter; why: string }[]> {
  const found: { linter: Linter; why: string }[] = []
  for (const linter of LINTERS) {
    const why = await linter.configuredBy(workspace)
    if (why !== null) found.push({ linter, why })
  }
  return found
}

/** The linter that a command, or the script it runs, calls last: only that one can be made to report. */
function linterOf(command: string, scripts: Scripts): Linter | null {
  const calls = [command, ...scriptsOf(command, scripts)].flatMap(callsIn)
  const last = calls.at(-1)
  if (!last) return null
  const { program, args } = programOf(last)
  return LINTERS.find(linter => linter.isCall(program, args)) ?? null
}

async function scriptsIn(workspace: Workspace): Promise<Scripts> {
  const found = await readPackage(workspace)
  return typeof found === 'string' ? {} : found.scripts
}
