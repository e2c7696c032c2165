import { Argument, type Command } from 'commander'
import { completionScript, SHELLS, type Shell } from '../completion.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import type { Output } from '../output.ts'
import { examples } from './run.ts'

export const describeCompletion = (command: Command): Command =>
  command
    .description('what makes a shell complete commands, options and runs')
    .addArgument(new Argument('<shell>', 'yours').choices(SHELLS))
    .addHelpText(
      'before',
      examples(
        ['source <(retrai completion bash)', 'in ~/.bashrc'],
        ['retrai completion zsh > "$fpath[1]/_retrai"', 'for zsh'],
        ['retrai completion fish > ~/.config/fish/completions/retrai.fish', 'for fish'],
      ),
    )

/** retrai completion: a script on stdout. */
export function completion(shell: string, program: Command, { isJson, json, raw }: Output): ExitCode {
  const script = completionScript(shell as Shell, program) // commander has refused all others
  if (isJson) json({ shell, script })
  else raw(script)
  return EXIT.achieved
}
