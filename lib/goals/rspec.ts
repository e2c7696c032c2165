import { callOf } from './add-options.ts'
import { checkWithProgram, type Found } from './check-with-program.ts'
import { findTool } from './find-tool.ts'
import { type CheckContext, defineGoal } from './goal.ts'
import { kindOf, readText } from './project-files.ts'
import { parseRspec } from './rspec-report.ts'
import type { Probe } from './run-with-report.ts'

const NOT_INSTALLED = 'rspec was not found: gem install rspec, or apt install ruby-rspec, on the server'
const NOT_BUNDLED =
  'The gems of this project are not installed, rspec among them: run bundle install in the project'
const NO_TESTS = 'rspec found no examples: put them into files named *_spec.rb in spec/'

export const rspec = defineGoal({
  name: 'rspec',
  title: 'All rspec examples pass',
  description:
    'Runs rspec, through bundler where the project’s Gemfile.lock has it, and reads its JSON report.',
  needsCommand: false,

  async protect() {
    return ['**/*_spec.rb', '**/spec/**', '**/.rspec']
  },
  governs: ['**/.rspec', '**/.rspec-local', '.bundle/config'],
  tool: {
    programs: ['rspec', 'bundle', 'ruby'],
    homeFiles: ['.rspec', '.config/rspec/options', '.bundle/config'],
  },

  prompt: ({ checkCommand }) =>
    `The goal: all rspec examples of this project pass. It is judged by \`${checkCommand ?? 'rspec'}\`, which the server ` +
    'itself runs after each of your attempts. Fix the code, not the tests: changes to spec files and to rspec’s configuration ' +
    'do not count, and pending examples are not passed examples.',

  check: context =>
    checkWithProgram(context, {
      usual: 'rspec',
      tool: { program: 'rspec' },
      find: findRspec,
      probe: rspecProbe,
      tests: run => run.tests,
      nothingToRun: (output, exitCode) =>
        exitCode === 0 && /^No examples found\.|^0 examples, 0 failures$/m.test(output)
          ? NO_TESTS
          : /Could not find .* in (?:any of the sources|locally installed gems)|bundler: command not found: rspec/.test(
                output,
              )
            ? NOT_BUNDLED
            : null,
    }),

  async detect(workspace) {
    if ((await kindOf(workspace, '.rspec')) === 'file') return { why: '.rspec configures rspec' }
    for (const file of ['spec/spec_helper.rb', 'spec/rails_helper.rb'])
      if ((await kindOf(workspace, file)) === 'file') return { why: `there is a ${file}` }
    for (const file of ['Gemfile.lock', 'Gemfile'])
      if (
        /^\s*(?:gem\s+["']rspec(?:-rails|-core)?["']|rspec(?:-rails|-core)? \()/m.test(
          (await readText(workspace, file)) ?? '',
        )
      )
        return { why: `${file} names rspec` }
    return null
  },
})

async function findRspec(context: CheckContext): Promise<Found> {
  const { workspace } = context
  const isBundled = /^\s+rspec-core \(/m.test((await readText(workspace, 'Gemfile.lock')) ?? '')
  if (isBundled && (await findTool(context, { program: 'bundle', from: null })))
    return { command: 'bundle exec rspec' }
  const found = await findTool(context, { program: 'rspec', from: null })
  return found === null ? { missing: NOT_INSTALLED } : { command: found }
}

function rspecProbe(command: string): Probe | null {
  if (!callOf(command, 'rspec', /^(?:-f|--format|-o\b|--out|--dry-run|--init|--help|-h$|--version|-v$)/))
    return null
  return {
    command: folder => `${command} --format progress --format json --out '${folder}/report.json'`,
    alwaysReports: true,
    parse: async report => parseRspec(report),
  }
}
