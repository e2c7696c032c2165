import { handleGetWebhook } from '#lib/api/handlers/get-webhook'
import { route } from '#lib/api/route'

export const GET = route(handleGetWebhook)
