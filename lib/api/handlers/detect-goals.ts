import { detectGoals } from '#lib/contract/goals'
import { handler } from '../route.ts'

export const handleDetectGoals = handler(detectGoals, async ({ body, runtime }) =>
  runtime.redact(await runtime.goals.detect(body.cwd)),
)
