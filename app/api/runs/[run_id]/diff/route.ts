import { handleGetDiff } from '#lib/api/handlers/get-diff'
import { route } from '#lib/api/route'

export const GET = route(handleGetDiff)
