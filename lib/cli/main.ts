// The command line: what there is, and how each command ends.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { Command, CommanderError, Option } from 'commander'
import { messageOf } from '#lib/errors'
import { CliError, errorLines } from './cli-error.ts'
import { type AbortOptions, abort } from './commands/abort.ts'
import { type ApproveOptions, approve, deny } from './commands/approve.ts'
import { type BackupOptions, backup, describeBackup } from './commands/backup.ts'
import { type CheckOptions, check, describeCheck } from './commands/check.ts'
import { compare, describeCompare } from './commands/compare.ts'
import { completion, describeCompletion } from './commands/completion.ts'
import { config, describeConfig } from './commands/config.ts'
import { type DemoOptions, demo, describeDemo } from './commands/demo.ts'
import { type DiffOptions, describeDiff, diff } from './commands/diff.ts'
import { type DoctorOptions, describeDoctor, doctor } from './commands/doctor.ts'
import { describeExport, type ExportOptions, exportCommand } from './commands/export.ts'
import { describeInit, type InitOptions, init } from './commands/init.ts'
import { goals, models } from './commands/lists.ts'
import { describeLogs, type LogsOptions, logs } from './commands/logs.ts'
import { describeLs, type LsOptions, ls } from './commands/ls.ts'
import { describeOpen, open } from './commands/open.ts'
import { describeRerun, rerun } from './commands/rerun.ts'
import { describeRun, examples, type RunOptions, run } from './commands/run.ts'
import { describeServe, type ServeOptions, serve } from './commands/serve.ts'
import { show } from './commands/show.ts'
import { describeToken, type TokenOptions, token } from './commands/token.ts'
import { describeVerify, type VerifyOptions, verify } from './commands/verify.ts'
import { describeWait, type WaitOptions, wait } from './commands/wait.ts'
import { describeWatch, type WatchCommandOptions, watch } from './commands/watch.ts'
import { endWithNpm } from './end-with-npm.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { withGateMode } from './gate-options.ts'
import { harmless, harmlessJson } from './harmless.ts'
import { addManual } from './manual.ts'
import { parseServer, parseWhole } from './parse-options.ts'
import { createSession, type Place, type Session } from './session.ts'

type FromBin = Pick<Place, 'root' | 'ensureBuild'>

/** Runs one command. Resolves with its exit code, or with undefined when the process is now a server. */
export async function main(argv: string[], { root, ensureBuild }: FromBin): Promise<ExitCode | undefined> {
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string }
  endWithNpm()
  const { env, stdin, stdout, stderr } = process
  // A reader that has seen enough (`| head`) is no error.
  for (const stream of [stdout, stderr]) {
    stream.on('error', error => {
      if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(EXIT.achieved)
      throw error
    })
  }
  return runCommand(argv, { root, version, env, cwd: process.cwd(), stdin, stdout, stderr, ensureBuild })
}

export async function runCommand(argv: string[], place: Place): Promise<ExitCode | undefined> {
  let code: ExitCode | undefined = EXIT.achieved
  const program = createProgram(place, argv, given => {
    code = given
  })
  try {
    await program.parseAsync(withGateMode(argv), { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) {
      // It has printed already: help, a version, or what was wrong.
      return error.exitCode === 0 ? EXIT.achieved : EXIT.usage
    }
    return report(error, place, wantsJson(argv))
  }
}

function createProgram(place: Place, argv: string[], end: (code: ExitCode | undefined) => void): Command {
  const program = new Command('retrai')
    .description('Makes an AI agent work on a project until a goal is met, and proves that it is met.')
    .version(place.version, '-V, --version', 'print the version')
    .option(
      '--server <url>',
      'the server to talk to; default: RETRAI_SERVER or http://127.0.0.1:8000',
      parseServer,
    )
    .option('--token <token>', 'the token of the server; default: RETRAI_TOKEN')
    .option('-j, --json', 'JSON on stdout, one value per line; errors as JSON on stderr')
    .option('--quiet', 'no progress')
    .option('--verbose', 'say on stderr what the server is asked, and what it answers')
    .option('--no-color', 'no colours (as NO_COLOR; FORCE_COLOR is the opposite)')
    .option('--no-input', 'never ask')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: text => place.stdout.write(text),
      writeErr: text => place.stderr.write(text),
      outputError: (text, write) => write(wantsJson(argv) ? `${harmlessJson(usageProblem(text))}\n` : text),
    })
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText(
      'before',
      examples(
        ['retrai demo', 'watch a run repair a sample project, without a key'],
        ['retrai serve', 'the dashboard, on http://127.0.0.1:8000'],
        ['retrai run pytest', "make this directory's tests pass"],
      ),
    )
    .addHelpText(
      'after',
      '\nExit codes: 0 achieved · 1 error · 2 usage · 3 not achieved · 4 auth · 5 not found · 6 conflict · 7 aborted ·\n' +
        '8 waiting for a person · 9 server unreachable · 10 failed · 124 timeout · 130 Ctrl-C\n\n' +
        '`retrai help <command>` has the options, exit codes, variables and examples of each.',
    )

  /** An action with its session; its answer is the exit code. */
  const withSession =
    <Args extends unknown[]>(act: (session: Session, ...args: Args) => Promise<ExitCode>) =>
    async (...args: [...Args, Command]) => {
      const command = args.at(-1) as Command // commander always passes the command last
      end(await act(createSession(place, command), ...(args as unknown as Args)))
    }

  describeServe(program.command('serve'))
    .addOption(new Option('--end-with-parent').hideHelp())
    .action(async (_options, command: Command) => {
      await serve(command.optsWithGlobals<ServeOptions>(), place)
      end(undefined)
    })
  describeRun(program.command('run')).action(
    withSession((session, goal: string | undefined, options: RunOptions) => run(goal, options, session)),
  )
  describeRerun(program.command('rerun')).action(
    withSession((session, name: string, options: RunOptions) => rerun(name, options, session)),
  )
  describeDemo(program.command('demo')).action(
    withSession((session, options: DemoOptions) => demo(options, session)),
  )
  describeLs(program.command('ls').alias('list')).action(
    withSession((session, options: LsOptions) => ls(options, session)),
  )
  program
    .command('show')
    .description('a run on one screen')
    .argument('<run>', 'the beginning of a run id, or last')
    .addHelpText('before', examples(['retrai show last', 'where the newest run stands']))
    .action(withSession((session, name: string) => show(name, session)))
  describeWatch(program.command('watch')).action(
    withSession((session, name: string | undefined, options: WatchCommandOptions) =>
      watch(name, options, session),
    ),
  )
  describeCompare(program.command('compare')).action(
    withSession((session, a: string, b: string) => compare(a, b, session)),
  )
  describeOpen(program.command('open')).action(
    withSession((session, name: string | undefined) => open(name, session)),
  )
  describeLogs(program.command('logs')).action(
    withSession((session, name: string, options: LogsOptions) => logs(name, options, session)),
  )
  describeDiff(program.command('diff')).action(
    withSession((session, name: string, options: DiffOptions) => diff(name, options, session)),
  )
  program
    .command('approve')
    .description('let a run go on that waits: at its gate, for a command or for settings, or paused')
    .argument('<run>', 'the beginning of a run id, or last')
    .option('--note <text>', 'a message to the agent')
    .option('--reviewed <hash>', 'the diff that was looked at: refused when it has changed since')
    .addOption(
      new Option('--next <n>', 'and do not ask after the next n iterations')
        .argParser(parseWhole)
        .conflicts('rest'),
    )
    .option('--rest', 'and do not ask for the rest of the run')
    .addOption(
      new Option('--undo', 'put back what the iteration changed, tell the agent so, and go on').conflicts([
        'next',
        'rest',
      ]),
    )
    .addHelpText(
      'before',
      examples(
        ['retrai approve last --note "Keep the public API"', 'with a word to the agent'],
        ['retrai approve last --next 3', 'and again only after three more iterations'],
        [
          'retrai approve last --undo --note "Leave the parser alone"',
          'go on, but without what it has just changed',
        ],
      ),
    )
    .action(withSession((session, name: string, options: ApproveOptions) => approve(name, options, session)))
  program
    .command('deny')
    .description('refuse the command that a run asks about; the run goes on without it')
    .argument('<run>', 'the beginning of a run id, or last')
    .option('--note <text>', 'a message to the agent')
    .addHelpText(
      'before',
      examples(['retrai deny last --note "We do not push from here"', 'and why, for the agent']),
    )
    .action(withSession((session, name: string, options: ApproveOptions) => deny(name, options, session)))
  program
    .command('abort')
    .description('end a run now, with everything it started')
    .argument('<run>', 'the beginning of a run id, or last')
    .option('--reason <text>', 'kept with the run')
    .option('-y, --yes', 'without asking')
    .addHelpText('before', examples(['retrai abort 550e8400 --reason "the wrong branch"', 'and why']))
    .action(withSession((session, name: string, options: AbortOptions) => abort(name, options, session)))
  describeWait(program.command('wait'))
    .addOption(
      new Option('--on-gate <what>', 'when a run waits for a person')
        .choices(['wait', 'exit'])
        .default('wait'),
    )
    .action(withSession((session, names: string[], options: WaitOptions) => wait(names, options, session)))
  describeCheck(program.command('check')).action(
    withSession((session, goal: string | undefined, options: CheckOptions) => check(goal, options, session)),
  )
  describeVerify(program.command('verify')).action(
    withSession((session, name: string, options: VerifyOptions) => verify(name, options, session)),
  )
  describeExport(program.command('export')).action(
    withSession((session, name: string, options: ExportOptions) => exportCommand(name, options, session)),
  )
  describeInit(program.command('init')).action(
    withSession((session, goal: string | undefined, options: InitOptions) => init(goal, options, session)),
  )
  describeBackup(program.command('backup')).action(
    withSession((session, file: string, options: BackupOptions) => backup(file, options, session)),
  )
  describeDoctor(program.command('doctor')).action(
    withSession((session, options: DoctorOptions) => doctor(options, session)),
  )
  program
    .command('goals')
    .description('the registered goals')
    .addHelpText('before', examples(['retrai goals --json', 'with the options of each']))
    .action(withSession(session => goals(session)))
  program
    .command('models')
    .description('the models the server knows')
    .addHelpText('before', examples(['retrai models', 'what each costs, and whether its key is there']))
    .action(withSession(session => models(session)))
  describeConfig(program.command('config')).action(
    withSession((session, action?: string, key?: string, value?: string) =>
      config(action, key, value, session),
    ),
  )
  describeToken(program.command('token')).action(
    withSession((session, options: TokenOptions) => token(options, session)),
  )
  describeCompletion(program.command('completion')).action(
    withSession(async ({ output }, shell: string) => completion(shell, program, output)),
  )
  program
    .command('version')
    .description('print the version')
    .addHelpText('before', examples(['retrai version --json', 'with that of Node']))
    .action(
      withSession(async ({ output }) => {
        if (output.isJson) output.json({ version: place.version, node: process.versions.node })
        else output.data(place.version)
        return EXIT.achieved
      }),
    )
  for (const command of program.commands) addManual(command)
  return program
}

const wantsJson = (argv: string[]) => argv.includes('--json') || argv.includes('-j')

/** What commander says, in the shape of the server's problems. */
function usageProblem(text: string) {
  const detail = text.replace(/^error: /, '').trim()
  return { type: 'about:blank', title: 'The command is wrong', status: 0, code: 'usage', detail }
}

function report(error: unknown, { stderr }: Place, isJson: boolean): ExitCode {
  const known = error instanceof CliError ? error : null
  const exitCode = known?.exitCode ?? EXIT.error
  if (isJson) {
    const problem = known?.problem ?? {
      type: 'about:blank',
      title: 'The command failed',
      status: 0,
      code: CODE_NAMES.get(exitCode) ?? 'error',
      detail: messageOf(error),
    }
    stderr.write(`${harmlessJson(problem)}\n`)
    return exitCode
  }
  const lines = known ? errorLines(known) : [messageOf(error)]
  stderr.write(`retrai: ${lines.map(line => harmless(line)).join('\n')}\n`)
  // Not foreseen: whoever looks into it needs the place.
  if (!known && error instanceof Error && error.stack) stderr.write(`${harmless(error.stack)}\n`)
  return exitCode
}

const CODE_NAMES = new Map<ExitCode, string>(
  Object.entries(EXIT).map(([name, code]) => [code, name === 'achieved' ? 'ok' : name]),
)
