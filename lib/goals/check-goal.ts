import { messageOf } from '../errors.ts'
import { brokenCheck } from './finish-check.ts'
import type { CheckContext, CheckResult, Goal } from './goal.ts'

/** Runs a goal's check once. Rejects only when aborted, with the signal's reason; whatever else goes wrong is a broken check. */
export async function runCheck({ goal, ...context }: CheckContext & { goal: Goal }): Promise<CheckResult> {
  context.signal.throwIfAborted()
  try {
    return await goal.check(context)
  } catch (error) {
    context.signal.throwIfAborted()
    const command = context.options.checkCommand ?? goal.name
    return brokenCheck(command, `The check could not be carried out: ${messageOf(error)}`)
  }
}
