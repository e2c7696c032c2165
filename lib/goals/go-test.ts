import { testsFrom } from './check-tests.ts'
import { checkWithProgram } from './check-with-program.ts'
import { plainWords, quote } from './command-line.ts'
import { findTool } from './find-tool.ts'
import { parseGo, readableGo } from './go-output.ts'
import { defineGoal } from './goal.ts'
import { kindOf, readText } from './project-files.ts'
import type { Probe } from './run-with-report.ts'
import { readSummaries } from './summaries.ts'
import { GO_TESTS } from './test-files.ts'

const DEFAULT = 'go test -count=1 ./...'
const NOT_INSTALLED =
  'go was not found on the server; install it there (https://go.dev/dl, or apt install golang-go)'
const NO_MODULE =
  'There is no go.mod in the project’s folder; add one (go mod init NAME), or give a check_command that goes to its folder'
const NO_TESTS = 'go found no tests: put functions named TestXxx into files named *_test.go'

export const goTest = defineGoal({
  name: 'go-test',
  title: 'All go tests pass',
  description: 'Runs go test in all packages, without its cache, and reads the tests from its JSON events.',
  needsCommand: false,

  async protect() {
    return GO_TESTS
  },
  governs: ['go.work'],
  tool: { programs: ['go'], homeFiles: ['.config/go/env'] },

  prompt: ({ checkCommand }) =>
    `The goal: all Go tests of this project pass. It is judged by \`${checkCommand ?? DEFAULT}\`, which the server itself ` +
    'runs after each of your attempts. Fix the code, not the tests: changes to _test.go files and to testdata do not count, ' +
    'and skipped tests are not passed tests.',

  async check(context) {
    const manifest = await readText(context.workspace, 'go.mod')
    const module = /^\s*module\s+"?([^\s"]+)/m.exec(manifest ?? '')?.[1] ?? null
    return checkWithProgram(context, {
      usual: DEFAULT,
      tool: { program: 'go', version: 'version' },
      async find({ workspace }) {
        if (manifest === null && (await kindOf(workspace, 'go.work')) === null) return { missing: NO_MODULE }
        const go = await findTool(context, { program: 'go', from: null, version: 'version' })
        return go === null ? { missing: NOT_INSTALLED } : { command: `${go} test -count=1 ./...` }
      },
      probe: goProbe,
      tests(run) {
        const cases = parseGo(run.output, module)
        return cases ? testsFrom(cases) : readSummaries(run.output, ['go'])
      },
      readable: readableGo,
      nothingToRun(output, exitCode) {
        if (/go\.mod file not found|cannot find main module|does not contain main module/.test(output))
          return NO_MODULE
        if (/^no packages to test$|matched no packages/m.test(output)) return NO_TESTS
        return exitCode === 0 && /\[no test files\]|\[no tests to run\]/.test(output) ? NO_TESTS : null
      },
    })
  },

  async detect(workspace) {
    for (const file of ['go.mod', 'go.work'])
      if ((await kindOf(workspace, file)) === 'file')
        return { why: `${file} makes it a Go ${file === 'go.mod' ? 'module' : 'workspace'}` }
    return null
  },
})

/** The events are printed, and read from there. */
function goProbe(command: string): Probe | null {
  const words = plainWords(command)
  const at = words?.findIndex((word, i) => /(?:^|\/)go$/.test(word) && words[i + 1] === 'test') ?? -1
  if (!words || at === -1 || words.some(word => /^--?(?:json|c|args|list|help)\b/.test(word))) return null
  // Variables before the program must stay unquoted.
  const before = command.slice(0, command.indexOf(words[at]!))
  const json = `${before}${[...words.slice(at, at + 2), '-json', ...words.slice(at + 2)].map(quote).join(' ')}`
  return { command: () => json, alwaysReports: true, parse: async () => null }
}
