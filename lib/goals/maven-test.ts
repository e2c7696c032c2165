import { checkWithProgram, type Found, withMore } from './check-with-program.ts'
import { findTool } from './find-tool.ts'
import { type CheckContext, defineGoal } from './goal.ts'
import { jvmCompilerErrors, jvmProbe } from './jvm-reports.ts'
import { kindOf, readText } from './project-files.ts'
import { JVM_TESTS } from './test-files.ts'

const DEFAULT = 'mvn -B --fail-at-end test'
const NOT_INSTALLED =
  'mvn was not found on the server; install it there (https://maven.apache.org, or apt install maven)'
const NO_POM =
  'There is no pom.xml in the project’s folder; add one, or give a check_command that goes to its folder'
const NO_TESTS = 'Maven found no tests: put classes named *Test into src/test/java'

export const mavenTest = defineGoal({
  name: 'maven-test',
  title: 'All Maven tests pass',
  description: 'Runs Maven’s test phase and reads the reports that surefire wrote in each module.',
  needsCommand: false,

  async protect() {
    return [...JVM_TESTS, '.mvn/**', 'mvnw', 'mvnw.cmd']
  },
  governs: ['.mvn/**', '**/junit-platform.properties', '**/testng.xml'],
  tool: {
    programs: ['mvn', 'java', 'javac'],
    homeFiles: ['.m2/settings.xml', '.mavenrc', '.m2/toolchains.xml'],
  },

  prompt: ({ checkCommand }) =>
    `The goal: all tests of this Maven project pass. It is judged by \`${checkCommand ?? DEFAULT}\`, which the server itself ` +
    'runs after each of your attempts. Fix the code, not the tests: changes below src/test and to Maven’s configuration in .mvn ' +
    'do not count, and skipped tests are not passed tests.',

  check: context =>
    checkWithProgram(context, {
      usual: DEFAULT,
      tool: { program: 'mvn' },
      find: findMaven,
      probe: command => jvmProbe(command, '*/target/surefire-reports/TEST-*.xml'),
      tests: run =>
        withMore(run.tests, run.exitCode === 0 ? [] : jvmCompilerErrors(run.output, context.workspace.root)),
      nothingToRun(output, exitCode) {
        if (/there is no POM in this directory/.test(output)) return NO_POM
        const plugin =
          /^\[ERROR\] (?:Plugin \S+ or one of its dependencies could not be resolved|Unresolveable build extension).*$/m
        const said = exitCode === 0 ? undefined : plugin.exec(output)?.[0]
        if (said)
          return `Maven has not all of its plugins here: run it once with network (${said.slice(8, 300)})`
        return exitCode === 0 ? NO_TESTS : null
      },
    }),

  async detect(workspace) {
    return (await kindOf(workspace, 'pom.xml')) === 'file'
      ? { why: 'pom.xml makes it a Maven project' }
      : null
  },
})

/** The project's wrapper only where what it would download is there already. */
async function findMaven(context: CheckContext): Promise<Found> {
  const { workspace, signal } = context
  if ((await kindOf(workspace, 'pom.xml')) === null) return { missing: NO_POM }
  const wrapper = (await readText(workspace, '.mvn/wrapper/maven-wrapper.properties')) ?? ''
  const name = /^distributionUrl\s*=.*\/([\w.-]+?)(?:-bin)?\.(?:zip|tar\.gz)\s*$/m.exec(wrapper)?.[1]
  if (name !== undefined && (await kindOf(workspace, 'mvnw')) === 'file') {
    const { exitCode } = await workspace.run({
      command: 'ls -d "$HOME/.m2/wrapper/dists/$NAME"*/* >/dev/null 2>&1',
      env: { NAME: name },
      timeoutMs: 10_000,
      signal,
    })
    if (exitCode === 0) return { command: DEFAULT.replace('mvn', 'sh mvnw') }
  }
  const maven = await findTool(context, { program: 'mvn', from: null })
  return maven === null ? { missing: NOT_INSTALLED } : { command: DEFAULT.replace('mvn', maven) }
}
