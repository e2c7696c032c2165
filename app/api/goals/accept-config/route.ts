import { handleAcceptConfig } from '#lib/api/handlers/accept-config'
import { route } from '#lib/api/route'

export const POST = route(handleAcceptConfig)
