import { acceptConfig } from '#lib/contract/goals'
import { handler } from '../route.ts'

export const handleAcceptConfig = handler(acceptConfig, async ({ body, runtime, caller }) =>
  runtime.redact(await runtime.goals.acceptConfig(body, caller)),
)
