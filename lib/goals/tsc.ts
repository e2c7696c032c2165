import { z } from 'zod'
import type { Workspace } from '../workspace/workspace.ts'
import { npmHint } from './install-hint.ts'
import { parseJsonc } from './js-project.ts'
import type { Linter } from './linter.ts'
import { linterGoal } from './linter-goal.ts'
import { kindOf, readText } from './project-files.ts'

const isBuild = (args: string[]) => args.some(arg => arg === '-b' || arg === '--build')

const tscLinter: Linter = {
  name: 'tsc',
  tool: { program: 'tsc', from: 'npm' },
  args: async workspace => ((await isSolution(workspace)) ? '-b' : '--noEmit'),
  isCall: (program, args) =>
    /^(vue-tsc|tsc|tsgo)$/.test(program) &&
    !args.some(arg =>
      /^(-w|--watch|--init|--showConfig|--listFilesOnly|--help|-h|--all|--version|-v|--clean|--$)/.test(arg),
    ),
  options: ({ folder }, args) =>
    // What an earlier run left could say that nothing has to be checked: everything is checked, and nothing stays behind.
    isBuild(args)
      ? '--pretty false --listFiles --force'
      : `--pretty false --listFiles --incremental --tsBuildInfoFile ${folder}/tsbuildinfo`,
  report: 'shown',
  format: 'tsc',
  advice: 'tsconfig.json has to say which they are (references are followed with -b only)',
  async configuredBy(workspace) {
    return (await kindOf(workspace, 'tsconfig.json')) === 'file' ? 'there is a tsconfig.json' : null
  },
  missing: workspace => npmHint(workspace, 'typescript'),
  // Codes of options and of projects, not of programs.
  isOwnProblem: ({ file, rule }) =>
    /^TS(5|6|18)\d{3}$/.test(rule) && (file === '' || /(^|\/)[jt]sconfig[^/]*\.json$/.test(file)),
  configs: ['**/tsconfig*.json', '**/jsconfig.json'],
  identity: { programs: ['tsc'], npmPackages: ['typescript', '@typescript/*', 'vue-tsc'] },
  silences: /(?:\/\/|\/\*)\s*@ts-(?:ignore|expect-error|nocheck)\b/,
}

export const tsc = linterGoal(tscLinter, {
  name: 'tsc',
  title: 'The TypeScript compiler finds no errors',
  description:
    'Runs the project’s tsc without emitting (with -b where tsconfig.json only refers to others) and reads its errors.',
  usual: 'tsc --noEmit',
  forbidden:
    'changes to tsconfig files do not count, and a comment such as @ts-ignore, @ts-expect-error or @ts-nocheck that hides ' +
    'a problem does not solve it.',
})

const Solution = z.object({ files: z.array(z.unknown()).length(0), references: z.array(z.unknown()).min(1) })

/** A tsconfig.json without files of its own: plain tsc would check nothing and be content. */
async function isSolution(workspace: Workspace): Promise<boolean> {
  return Solution.safeParse(parseJsonc((await readText(workspace, 'tsconfig.json')) ?? '')).success
}
