import { handleCheckGoal } from '#lib/api/handlers/check-goal'
import { route } from '#lib/api/route'

export const POST = route(handleCheckGoal)
