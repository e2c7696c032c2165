import { handleListEvents } from '#lib/api/handlers/list-events'
import { route } from '#lib/api/route'

export const GET = route(handleListEvents)
