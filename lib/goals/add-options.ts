// Options at the end of a command that is one call of a program.
import { baseName, plainWords, withoutLaunchers } from './command-line.ts'

/** `program`, run by bundler, an interpreter or itself; null when the command is something else or has one of `others` already. */
export function callOf(command: string, program: string, others: RegExp): string[] | null {
  const words = plainWords(command)
  if (!words || words.some(word => word === '--' || others.test(word))) return null
  const call = withoutLaunchers(words)
  const isInterpreter = /^(?:ruby|php)[\d.]*$/.test(baseName(call[0] ?? ''))
  const at = call[0] === 'bundle' && call[1] === 'exec' ? 2 : isInterpreter ? 1 : 0
  return baseName(call[at] ?? '') === program ? call : null
}
