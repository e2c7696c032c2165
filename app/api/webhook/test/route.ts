import { handleTestWebhook } from '#lib/api/handlers/test-webhook'
import { route } from '#lib/api/route'

export const POST = route(handleTestWebhook)
