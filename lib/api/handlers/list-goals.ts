import { listGoals } from '#lib/contract/goals'
import { handler } from '../route.ts'

export const handleListGoals = handler(listGoals, ({ runtime }) => runtime.goals.list())
