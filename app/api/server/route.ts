import { handleGetServer } from '#lib/api/handlers/get-server'
import { route } from '#lib/api/route'

export const GET = route(handleGetServer)
