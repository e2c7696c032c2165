import { checkGoal } from '#lib/contract/goals'
import { handler } from '../route.ts'

export const handleCheckGoal = handler(checkGoal, ({ body, runtime, request }) =>
  runtime.goals.check(body, request.signal),
)
