import type { Workspace } from '../workspace/workspace.ts'
import { commandProblem } from './command-problem.ts'
import { brokenCheck, finishCheck } from './finish-check.ts'
import { defineGoal } from './goal.ts'
import { nodeProbe } from './node-probe.ts'
import { probeFor, type Runner, runnersIn } from './probe.ts'
import { readText } from './project-files.ts'
import { runTests } from './run-tests.ts'
import {
  CARGO_GOVERNS,
  CARGO_KEYS,
  CARGO_TESTS,
  GO_GOVERNS,
  GO_TESTS,
  JS_GOVERNS,
  JS_KEYS,
  JS_TESTS,
  MAKE_FILES,
  PYTHON_GOVERNS,
  PYTHON_KEYS,
  PYTHON_TESTS,
} from './test-files.ts'
import { ANY_TOOL, allTools, MAKE_TOOL } from './tool-identities.ts'

// In the order in which make looks for them.
const MAKEFILES = ['GNUmakefile', 'makefile', 'Makefile']

export const makeTest = defineGoal({
  name: 'make-test',
  title: 'make test passes',
  description:
    'Runs make test; its exit code decides, and the tests of known runners are counted from what they print.',
  needsCommand: false,

  async protect() {
    return [...MAKE_FILES, ...new Set([...PYTHON_TESTS, ...JS_TESTS, ...GO_TESTS, ...CARGO_TESTS])]
  },
  protectKeys: [...PYTHON_KEYS, ...JS_KEYS, ...CARGO_KEYS],
  governs: [...MAKE_FILES, ...PYTHON_GOVERNS, ...JS_GOVERNS, ...CARGO_GOVERNS, ...GO_GOVERNS],

  tool: allTools([MAKE_TOOL, ANY_TOOL]),

  prompt: ({ checkCommand }) =>
    `The goal: \`${checkCommand ?? 'make test'}\` succeeds. The server itself runs it after each of your attempts. Fix the ` +
    'code, not the tests: changes to the Makefile and to test files do not count.',

  async check(context) {
    const command = context.options.checkCommand ?? 'make test'
    const makefile = await readMakefile(context.workspace)
    if (makefile === null)
      return brokenCheck(
        command,
        'There is no Makefile in the project’s folder; add one, or give another goal',
      )
    const runners = recipeRunners(makefile.text)
    const usesNode = runners.includes('node')
    const { run, tests, isUnfinished } = await runTests(context, {
      command,
      runners,
      probe: usesNode
        ? nodeProbe(command, context.workspace.root)
        : probeFor(command, context.workspace.root),
    })
    const broken = run.timedOut ? null : (commandProblem(command, run) ?? targetProblem(run.output))
    return finishCheck(context, { command, run, tests, isUnfinished, broken })
  },

  async detect(workspace) {
    const makefile = await readMakefile(workspace)
    if (makefile === null) return null
    const found = ['test', 'check', 'tests'].find(target => hasTarget(makefile.text, target))
    if (found === undefined) return null
    const why = `${makefile.name} has a target named ${found}`
    // The autotools' name for it.
    return found === 'test' ? { why } : { why, checkCommand: `make ${found}` }
  },
})

async function readMakefile(workspace: Workspace): Promise<{ name: string; text: string } | null> {
  for (const name of MAKEFILES) {
    const text = await readText(workspace, name)
    if (text !== null) return { name, text }
  }
  return null
}

function targetProblem(output: string): string | null {
  const line = /^g?make: \*\*\* No rule to make target .*$/m.exec(output)?.[0]
  if (line && /[`'‘]test['’]/.test(line))
    return 'The Makefile has no target named test; add one, or give a check_command'
  // A file or folder of that name makes make do nothing and call it a success.
  if (/^g?make: (Nothing to be done for [`'‘]test['’]|[`'‘]test['’] is up to date)/m.test(output))
    return 'make did nothing: something named test is there already; add «.PHONY: test» to the Makefile'
  return null
}

function hasTarget(makefile: string, target: string): boolean {
  return makefile.split('\n').some(line => {
    const colon = line.indexOf(':')
    if (colon === -1 || line.startsWith('\t') || line[colon + 1] === '=') return false
    return line.slice(0, colon).trim().split(/\s+/).includes(target)
  })
}

/** The runners that the recipes call by name. */
function recipeRunners(makefile: string): Runner[] {
  const recipes = makefile.split('\n').filter(line => line.startsWith('\t'))
  return runnersIn(recipes.map(line => line.trim().replace(/^[@+-]+/, '')).join('\n'))
}
