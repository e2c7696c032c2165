import type { Command } from 'commander'
import { runDemo } from '#lib/demo/demo'
import type { ExitCode } from '../exit-codes.ts'
import { parsePort } from '../parse-options.ts'
import type { Session } from '../session.ts'
import { examples } from './run.ts'

export interface DemoOptions {
  model: string
  port?: number
  exit?: boolean
  gate?: boolean
  open?: boolean
}

export function describeDemo(command: Command): Command {
  return command
    .description('watch a run repair a sample project with real failing tests')
    .option('-m, --model <name>', 'who works on it; scripted/demo needs no key', 'scripted/demo')
    .option('-p, --port <port>', 'of its dashboard; default: 8000 when free', parsePort)
    .option('--exit', 'end when the run has ended, instead of leaving the dashboard open')
    .option('--gate', 'stop after the first iteration until you have looked at it')
    .option('--open', "open the run's page in the browser")
    .addHelpText(
      'before',
      examples(
        ['retrai demo', 'no key needed: the model is scripted, everything else is real'],
        ['retrai demo --model claude-sonnet-4-6', 'the same with Claude, with ANTHROPIC_API_KEY set'],
      ),
    )
}

export const demo = (options: DemoOptions, session: Session): Promise<ExitCode> => runDemo(options, session)
