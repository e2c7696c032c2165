import { handleListLogs } from '#lib/api/handlers/list-logs'
import { route } from '#lib/api/route'

export const GET = route(handleListLogs)
