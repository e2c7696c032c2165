import { handleListIterations } from '#lib/api/handlers/list-iterations'
import { route } from '#lib/api/route'

export const GET = route(handleListIterations)
