import { handleListGoals } from '#lib/api/handlers/list-goals'
import { route } from '#lib/api/route'

export const GET = route(handleListGoals)
