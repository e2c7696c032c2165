import type { CommandResult } from '../workspace/workspace.ts'
import { callsIn, withoutAnsi } from './command-line.ts'

/** Whether a launcher (npx, a script of package.json) said that there is no such program. */
export const isProgramMissing = (program: string, output: string) => {
  const text = withoutAnsi(output.slice(-64 * 1024))
  return (
    /npx canceled due to missing packages|could not determine executable to run/.test(text) ||
    text.split('\n').some(line => /: (?:command )?not found$/.test(line) && line.includes(`: ${program}: `))
  )
}

/**
 * Why a command could not run at all, and what to do; null when it ran. Only the program it begins with counts, and a
 * program of the project itself (`./build/app`) may be what the run is to make: that it is missing is a failure to fix.
 */
export function commandProblem(command: string, { exitCode, output }: CommandResult): string | null {
  if (exitCode !== 126 && exitCode !== 127) return null
  const program = callsIn(command)[0]?.find(word => !/^[A-Za-z_]\w*=/.test(word))
  if (!program) return null
  const line = withoutAnsi(output)
    .slice(0, 64 * 1024)
    .split('\n')
    .find(text => text.includes(`${program}: `) || text.includes(`${program}' `))
  if (!line) return null
  if (exitCode === 126 && /permission denied/i.test(line))
    return `${program} is not executable; run chmod +x ${program}, or start it through its interpreter`
  if (exitCode === 126) return `${program} cannot be executed: ${line.trim().slice(0, 200)}`
  if (!/not found|no such file/i.test(line)) return null
  if (program.includes('/') && !program.startsWith('/')) return null
  return `${program} was not found on the server; install it there, or give another check_command`
}
