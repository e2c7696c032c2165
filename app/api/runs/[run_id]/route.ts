import { handleGetRun } from '#lib/api/handlers/get-run'
import { route } from '#lib/api/route'

export const GET = route(handleGetRun)
