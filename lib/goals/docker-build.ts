import { z } from 'zod'
import { quote, withoutAnsi } from './command-line.ts'
import { commandProblem } from './command-problem.ts'
import { brokenCheck, finishCheck } from './finish-check.ts'
import { type CheckContext, type CheckResult, defineGoal, type GoalOptions } from './goal.ts'
import { kindOf } from './project-files.ts'
import { runWithReport } from './run-with-report.ts'

const isInside = (path: string) =>
  !path.startsWith('/') && !path.startsWith('-') && !path.split('/').includes('..')
const ProjectPath = z.string().min(1).max(1000).refine(isInside, 'give a path inside the project')
/** What docker takes for a name: nothing in it could be an option. */
const Name = z
  .string()
  .max(300)
  .regex(/^[A-Za-z0-9][\w./:-]*$/, 'letters, digits and . _ - / : only')

const Settings = z.strictObject({
  file: ProjectPath.default('Dockerfile').describe('The Dockerfile, from the project’s folder'),
  context: ProjectPath.default('.').describe('The folder that is sent to the builder'),
  target: Name.optional().describe('The stage to build; default the last'),
  tag: Name.optional().describe('The name of the image; default none'),
})
const settingsOf = (options: GoalOptions) => Settings.parse(options.settings)

export const dockerBuild = defineGoal({
  name: 'docker-build',
  title: 'The Docker image builds',
  description: 'Runs docker build; its exit code decides, and its last error is the reason.',
  needsCommand: false,
  settings: Settings,
  tool: { programs: ['docker'], homeFiles: ['.docker/config.json'] },

  // The Dockerfile is the work, not its judge.
  async protect() {
    return []
  },

  prompt: options =>
    `The goal: the Docker image of this project builds. It is judged by \`${commandOf(options)}\`, which the server itself runs ` +
    'after each of your attempts. Make the image do what the project is for; leaving things out of it is no way to make it build.',

  async check(context) {
    const command = commandOf(context.options)
    const { file } = settingsOf(context.options)
    const isOurs = context.options.checkCommand === null
    if (isOurs && (await kindOf(context.workspace, file)) !== 'file') {
      const why = await engineProblem(context)
      // It may be what is to be written.
      return { ...brokenCheck(command, why ?? `There is no ${file} yet`), broken: why !== null }
    }
    const run = await runWithReport(context, {
      command,
      probe: null,
      env: { BUILDKIT_PROGRESS: 'plain', DOCKER_CLI_HINTS: 'false' },
    })
    const looksUnreachable = run.exitCode !== 0 && !run.timedOut && NO_ENGINE.test(run.output)
    // A build that calls docker itself can say the same, so the engine is asked.
    const broken = run.timedOut
      ? null
      : (missingDocker(command, run) ?? (looksUnreachable ? await engineProblem(context) : null))
    const result = await finishCheck(context, { command, run, tests: null, broken })
    return withError(result, run.timedOut)
  },

  async detect(workspace) {
    return (await kindOf(workspace, 'Dockerfile')) === 'file' ? { why: 'there is a Dockerfile' } : null
  },
})

/** As a person would type it. */
function commandOf(options: GoalOptions): string {
  if (options.checkCommand !== null) return options.checkCommand
  const { file, context, target, tag } = settingsOf(options)
  return [
    'docker build',
    ...(file === 'Dockerfile' && context === '.' ? [] : [`-f ${quote(file)}`]),
    ...(target === undefined ? [] : [`--target ${quote(target)}`]),
    ...(tag === undefined ? [] : [`-t ${quote(tag)}`]),
    quote(context),
  ].join(' ')
}

const NO_ENGINE =
  /cannot connect to the docker daemon|failed to connect to the docker api|error during connect|permission denied while trying to connect|docker daemon is not running/i

/** null when the engine answers. */
async function engineProblem({ workspace, signal }: CheckContext): Promise<string | null> {
  const command = "docker version --format '{{.Server.Version}}'"
  const run = await workspace.run({ command, timeoutMs: 30_000, signal })
  if (run.exitCode === 0) return null
  const said = run.output.trim().split('\n').at(-1)?.slice(0, 300) ?? ''
  return (
    missingDocker(command, run) ??
    `Docker’s engine cannot be reached: ${said || 'it does not answer'}; start it, or give the server’s user access to it`
  )
}

function missingDocker(command: string, run: Parameters<typeof commandProblem>[1]): string | null {
  const problem = commandProblem(command, run)
  return problem?.startsWith('docker was not found')
    ? 'docker was not found on the server; install Docker there (https://docs.docker.com/engine/install/)'
    : problem
}

/** The exit code alone says little: the last lines that speak of an error, else the last lines. */
function withError(result: CheckResult, timedOut: boolean): CheckResult {
  if (result.achieved || result.broken || timedOut || result.exitCode === 0) return result
  const lines = withoutAnsi(result.output.slice(-64 * 1024))
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !/^-+$/.test(line))
  const errors = lines.filter(line => /\berror\b|failed|non-zero code/i.test(line))
  const said = (errors.length > 0 ? errors : lines).slice(-3).join(' | ').slice(-1000)
  return said === '' ? result : { ...result, reason: `${result.reason}: ${said}` }
}
