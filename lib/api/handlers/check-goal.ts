import { checkGoal } from '#lib/contract/goals'
import { handler } from '../route.ts'

export const handleCheckGoal = handler(checkGoal, async ({ body, runtime, request, caller }) =>
  runtime.redact(await runtime.goals.check(body, caller, request.signal)),
)
