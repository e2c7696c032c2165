import { handleDetectGoals } from '#lib/api/handlers/detect-goals'
import { route } from '#lib/api/route'

export const POST = route(handleDetectGoals)
