import { checkWithProgram, type Found, withMore } from './check-with-program.ts'
import { findTool } from './find-tool.ts'
import { type CheckContext, defineGoal } from './goal.ts'
import { jvmCompilerErrors, jvmProbe } from './jvm-reports.ts'
import { kindOf, readText } from './project-files.ts'
import { JVM_TESTS } from './test-files.ts'

const OPTIONS = '--no-daemon --console=plain --continue test'
const NOT_INSTALLED =
  'gradle was not found on the server; install it there (https://gradle.org, or apt install gradle)'
const NOT_DOWNLOADED =
  'The gradle of this project’s wrapper is not there yet: run ./gradlew --version once with network, or install gradle'
const NO_BUILD =
  'There is no build.gradle in the project’s folder; add one, or give a check_command that goes to its folder'
const NO_TESTS = 'gradle found no tests: put test classes into src/test/java or src/test/kotlin'
const BUILDS = ['build.gradle', 'build.gradle.kts', 'settings.gradle', 'settings.gradle.kts']

export const gradleTest = defineGoal({
  name: 'gradle-test',
  title: 'All gradle tests pass',
  description:
    'Runs gradle’s task test, with the project’s wrapper where it is ready, and reads the JUnit reports of each module.',
  needsCommand: false,

  async protect() {
    return [...JVM_TESTS, 'gradlew', 'gradlew.bat', 'gradle/wrapper/**']
  },
  governs: ['**/junit-platform.properties', '**/init.gradle', '**/init.gradle.kts'],
  tool: {
    programs: ['gradle', 'java', 'javac'],
    homeFiles: [
      '.gradle/init.gradle',
      '.gradle/init.gradle.kts',
      '.gradle/init.d',
      '.gradle/gradle.properties',
    ],
  },

  prompt: ({ checkCommand }) =>
    `The goal: all tests of this gradle project pass. It is judged by \`${checkCommand ?? `gradle ${OPTIONS}`}\`, which the ` +
    'server itself runs after each of your attempts. Fix the code, not the tests: changes below src/test and to the wrapper do ' +
    'not count, and skipped tests are not passed tests.',

  check: context =>
    checkWithProgram(context, {
      usual: `gradle ${OPTIONS}`,
      tool: { program: 'gradle' },
      find: findGradle,
      // Without its reports a task is not up to date, so that it runs.
      probe: command => jvmProbe(command, '*/build/test-results/*/TEST-*.xml'),
      tests: run =>
        withMore(run.tests, run.exitCode === 0 ? [] : jvmCompilerErrors(run.output, context.workspace.root)),
      nothingToRun(output, exitCode) {
        if (/does not contain a Gradle build|not contain a settings\.gradle/.test(output)) return NO_BUILD
        if (/^(?:> )?Task 'test' not found in/m.test(output))
          return 'This gradle build has no task named test: apply the plugin java or kotlin, or give a check_command'
        if (/^Downloading https?:/m.test(output) && exitCode !== 0) return NOT_DOWNLOADED
        return exitCode === 0 ? NO_TESTS : null
      },
    }),

  async detect(workspace) {
    for (const file of BUILDS)
      if ((await kindOf(workspace, file)) === 'file') return { why: `${file} makes it a gradle build` }
    return null
  },
})

async function findGradle(context: CheckContext): Promise<Found> {
  const { workspace } = context
  const kinds = await Promise.all(BUILDS.map(file => kindOf(workspace, file)))
  if (!kinds.includes('file')) return { missing: NO_BUILD }
  const hasWrapper = (await kindOf(workspace, 'gradlew')) === 'file'
  if (hasWrapper && (await isDownloaded(context))) return { command: `sh gradlew ${OPTIONS}` }
  const gradle = await findTool(context, { program: 'gradle', from: null })
  if (gradle !== null) return { command: `${gradle} ${OPTIONS}` }
  return { missing: hasWrapper ? NOT_DOWNLOADED : NOT_INSTALLED }
}

/** `distributionUrl=https\://…/gradle-8.5-bin.zip`. */
async function isDownloaded({ workspace, signal }: CheckContext): Promise<boolean> {
  const wrapper = (await readText(workspace, 'gradle/wrapper/gradle-wrapper.properties')) ?? ''
  const name = /^distributionUrl\s*=.*\/([\w.-]+)\.zip\s*$/m.exec(wrapper)?.[1]
  if (name === undefined) return false
  const { exitCode } = await workspace.run({
    command: 'ls -d "$HOME/.gradle/wrapper/dists/$NAME"/*/*.ok >/dev/null 2>&1',
    env: { NAME: name },
    timeoutMs: 10_000,
    signal,
  })
  return exitCode === 0
}
