import { relative } from 'node:path'
import { callOf } from './add-options.ts'
import { type CheckTests, type TestCase, testsFrom } from './check-tests.ts'
import { checkWithProgram, type Found, oncePerName, shortLines, withMore } from './check-with-program.ts'
import { findTool } from './find-tool.ts'
import { type CheckContext, defineGoal } from './goal.ts'
import { type NameCase, parseJunit } from './junit.ts'
import { kindOf, readText } from './project-files.ts'
import type { Probe } from './run-with-report.ts'

const CONFIGS = ['phpunit.xml', 'phpunit.xml.dist', 'phpunit.dist.xml']
const FOLDERS = ['tests', 'test', 'Tests']
const NOT_INSTALLED = 'phpunit was not found: composer require --dev phpunit/phpunit, or apt install phpunit'
const NO_TESTS = 'phpunit found no tests: put classes named *Test into files named *Test.php in tests/'

export const phpunit = defineGoal({
  name: 'phpunit',
  title: 'All phpunit tests pass',
  description: 'Runs the project’s phpunit (vendor/bin) or the one in PATH and reads its JUnit report.',
  needsCommand: false,

  async protect() {
    return ['**/*Test.php', '**/{tests,test,Tests}/**', ...CONFIGS.map(name => `**/${name}`)]
  },
  governs: [...CONFIGS, '**/php.ini', '**/.user.ini'],
  tool: { programs: ['phpunit', 'php'] },

  prompt: ({ checkCommand }) =>
    `The goal: all phpunit tests of this project pass. It is judged by \`${checkCommand ?? 'phpunit'}\`, which the server ` +
    'itself runs after each of your attempts. Fix the code, not the tests: changes to test files and to phpunit’s ' +
    'configuration do not count, and skipped or incomplete tests are not passed tests.',

  check: context =>
    checkWithProgram(context, {
      usual: 'phpunit',
      tool: { program: 'phpunit' },
      find: findPhpunit,
      probe: command => phpunitProbe(command, context.workspace.root),
      tests: run =>
        withMore(run.tests, run.exitCode === 0 ? [] : fatalErrors(run.output, context.workspace.root)),
      nothingToRun: (output, exitCode) =>
        /^No tests executed!|^No tests found in class/m.test(output) && !/^(?:PHP )?Fatal error/m.test(output)
          ? NO_TESTS
          : exitCode !== 0 &&
              /^(?:Cannot open file|Test (?:file|directory) ".*" not found|Unknown option|unrecognized option)/m.test(
                output,
              )
            ? `phpunit cannot be started: ${/^(?:Cannot open|Test |Unknown|unrecognized).*$/m.exec(output)?.[0].slice(0, 300)}`
            : null,
    }),

  async detect(workspace) {
    for (const file of CONFIGS)
      if ((await kindOf(workspace, file)) === 'file') return { why: `${file} configures phpunit` }
    return /"phpunit\/phpunit"\s*:/.test((await readText(workspace, 'composer.json')) ?? '')
      ? { why: 'composer.json requires phpunit' }
      : null
  },
})

async function findPhpunit(context: CheckContext): Promise<Found> {
  const { workspace } = context
  const found = await findTool(context, { program: 'phpunit', from: 'composer' })
  if (found === null) return { missing: NOT_INSTALLED }
  for (const file of CONFIGS) if ((await kindOf(workspace, file)) === 'file') return { command: found }
  for (const folder of FOLDERS)
    if ((await kindOf(workspace, folder)) === 'folder') return { command: `${found} ${folder}` }
  return { missing: NO_TESTS }
}

function phpunitProbe(command: string, root: string): Probe | null {
  const others =
    /^(?:--log-junit|--list-|--help|-h$|--version|--generate-configuration|--migrate-configuration)/
  if (!callOf(command, 'phpunit', others)) return null
  return {
    command: folder => `${command} --log-junit '${folder}/report.xml'`,
    alwaysReports: true,
    async parse(report) {
      const tests = await parseJunit(report, phpunitCase(root))
      return tests && withoutWarnings(tests)
    },
  }
}

const phpunitCase =
  (root: string): NameCase =>
  ({ attributes: { class: inClass, classname, name = '', file, line } }) => {
    const owner = inClass ?? classname?.replaceAll('.', '\\') ?? ''
    const path = file === undefined ? '..' : relative(root, file)
    const at = Number.parseInt(line ?? '', 10)
    return {
      name: owner === '' ? name : `${owner}::${name}`,
      ...(!path.startsWith('..') && { file: path, ...(at > 0 && { line: at }) }),
    }
  }

/** What phpunit 9 says about a class without tests stands in its report like a test that passed. */
function withoutWarnings(tests: CheckTests): CheckTests {
  const cases = tests.cases.filter(({ name }) => !/^Warning(?: \(\d+\))?$/.test(name))
  return cases.length === tests.cases.length ? tests : testsFrom(cases)
}

/** `PHP Fatal error:  Uncaught ParseError: … in /p/tests/ATest.php:1`, `Parse error: … in … on line 1`. */
export function fatalErrors(output: string, root: string): TestCase[] {
  const pattern = /^(?:PHP )?(?:Fatal|Parse) error: +(?:Uncaught )?(.+) in (\/.+?\.php)(?::| on line )(\d+)$/
  return oncePerName(
    shortLines(output).flatMap(line => {
      const [, said, path = '', at] = pattern.exec(line) ?? []
      if (said === undefined) return []
      const file = relative(root, path)
      const place = file.startsWith('..') ? {} : { file, line: Number(at) }
      return [{ name: `${place.file ?? path}: ${said}`, state: 'failed' as const, message: said, ...place }]
    }),
  )
}
