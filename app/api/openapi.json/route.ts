import { handleGetOpenapi } from '#lib/api/handlers/get-openapi'
import { route } from '#lib/api/route'

export const GET = route(handleGetOpenapi)
