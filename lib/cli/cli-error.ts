import type { Problem } from '#lib/contract/errors'
import { EXIT, type ExitCode, exitCodeOfProblem } from './exit-codes.ts'

/** Ends the command: a sentence for people and the exit code for scripts. */
export class CliError extends Error {
  readonly exitCode: ExitCode
  /** What the server said, when it was the server. */
  readonly problem: Problem | null

  constructor(
    exitCode: ExitCode,
    message: string,
    options: { problem?: Problem | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'CliError'
    this.exitCode = exitCode
    this.problem = options.problem ?? null
  }
}

export const usageError = (message: string) => new CliError(EXIT.usage, message)

export const problemError = (problem: Problem) =>
  new CliError(exitCodeOfProblem(problem), problem.detail || problem.title, { problem })

/** Lines for a person: the sentence, then each field that is wrong. */
export function errorLines(error: CliError): string[] {
  const fields = (error.problem?.errors ?? []).filter(({ detail }) => detail !== error.message)
  return [
    error.message,
    ...fields.map(({ pointer, detail }) => `  ${pointer.replace(/^\//, '') || 'body'}: ${detail}`),
  ]
}
