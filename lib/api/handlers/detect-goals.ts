import { detectGoals } from '#lib/contract/goals'
import { handler } from '../route.ts'

export const handleDetectGoals = handler(detectGoals, ({ body, runtime }) => runtime.goals.detect(body.cwd))
