import { checkWithProgram, type Found, withMore } from './check-with-program.ts'
import { plainWords } from './command-line.ts'
import { findTool } from './find-tool.ts'
import { type CheckContext, defineGoal } from './goal.ts'
import type { Probe } from './run-with-report.ts'
import { msbuildErrors, parseTrx } from './trx.ts'

const DEFAULT = 'dotnet test'
const NOT_INSTALLED =
  'dotnet was not found on the server; install the .NET SDK there (https://dotnet.microsoft.com/download)'
const NO_PROJECT =
  'There is no solution and no project file in the project’s folder; add one, or give a check_command that names it'
const NO_TESTS =
  'dotnet test found no tests: they belong into a project that references Microsoft.NET.Test.Sdk and xunit, NUnit or MSTest'

export const dotnetTest = defineGoal({
  name: 'dotnet-test',
  title: 'All .NET tests pass',
  description: 'Runs dotnet test and reads the TRX report of each test project.',
  needsCommand: false,

  async protect() {
    return [
      '**/*Test{,s}.{cs,fs,vb}',
      '**/*.{Test,Tests,UnitTests,IntegrationTests,Specs}/**',
      '**/{test,tests,Test,Tests}/**',
      '**/*.runsettings',
      '**/xunit.runner.json',
    ]
  },
  governs: ['**/*.runsettings', '**/xunit.runner.json', '**/Directory.Build.rsp', '**/*.testconfig.json'],
  tool: { programs: ['dotnet'], homeFiles: ['.nuget/NuGet/NuGet.Config'] },

  prompt: ({ checkCommand }) =>
    `The goal: all .NET tests of this project pass. It is judged by \`${checkCommand ?? DEFAULT}\`, which the server itself ` +
    'runs after each of your attempts. Fix the code, not the tests: changes to test projects and run settings do not count, and ' +
    'skipped tests are not passed tests.',

  check: context =>
    checkWithProgram(context, {
      usual: DEFAULT,
      tool: { program: 'dotnet' },
      find: findDotnet,
      probe: command => dotnetProbe(command, context.workspace.root),
      env: {
        DOTNET_CLI_TELEMETRY_OPTOUT: '1',
        DOTNET_NOLOGO: '1',
        DOTNET_CLI_UI_LANGUAGE: 'en',
        // Nothing of the build stays behind.
        MSBUILDDISABLENODEREUSE: '1',
        DOTNET_CLI_USE_MSBUILD_SERVER: '0',
      },
      tests: run =>
        withMore(run.tests, run.exitCode === 0 ? [] : msbuildErrors(run.output, context.workspace.root)),
      nothingToRun(output, exitCode) {
        if (/error MSB1003\b/.test(output)) return NO_PROJECT
        if (/No \.NET SDKs were found|A compatible \.NET SDK was not found/.test(output)) {
          const wanted = /^Requested SDK version: (\S+)/m.exec(output)?.[1]
          return `The .NET SDK${wanted ? ` ${wanted}, which global.json asks for,` : ''} is not installed on the server`
        }
        return exitCode === 0 || /^No test is available in /m.test(output) ? NO_TESTS : null
      },
    }),

  async detect(workspace) {
    const { output } = await workspace.run({
      command:
        'for f in *.sln *.slnx *.csproj *.fsproj *.vbproj; do [ -f "$f" ] && { printf "found %s\\n" "$f"; break; }; done',
      timeoutMs: 10_000,
    })
    const file = /^found (.+)$/m.exec(output)?.[1]
    return file === undefined ? null : { why: `${file} makes it a .NET project` }
  },
})

async function findDotnet(context: CheckContext): Promise<Found> {
  const { exitCode } = await context.workspace.run({
    command: 'for f in *.sln *.slnx *.*proj; do [ -f "$f" ] && exit 0; done; exit 1',
    timeoutMs: 10_000,
    signal: context.signal,
  })
  if (exitCode !== 0) return { missing: NO_PROJECT }
  const found = await findTool(context, { program: 'dotnet', from: null })
  return found === null ? { missing: NOT_INSTALLED } : { command: `${found} test` }
}

/** Each test project writes a file of its own, which the prefix keeps apart. */
function dotnetProbe(command: string, root: string): Probe | null {
  const words = plainWords(command) ?? []
  const at = words.findIndex((word, i) => /(?:^|\/)dotnet$/.test(word) && words[i + 1] === 'test')
  const others = /^(?:--|-l|--logger.*|--results-directory.*|-t|--list-tests|-h|--help|-\?)$/
  if (at === -1 || words.some(word => others.test(word))) return null
  return {
    command: folder =>
      `${command} --logger 'console;verbosity=normal' --logger 'trx;LogFilePrefix=report' --results-directory '${folder}'`,
    alwaysReports: false,
    parse: async report => parseTrx(report, root),
  }
}
